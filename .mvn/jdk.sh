# Sourced by ./mvnw and ./hongbao. Picks a JDK that is new enough, whatever `java` is on the PATH:
# neither .mvn/jvm.config nor toolchains can choose the JDK that Maven itself runs on.
HONGBAO_JDK_MIN=25

# Prints the feature version (25 for 25.0.1) of the JDK in folder $1.
hongbao_jdk_feature() { [ -r "$1/release" ] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"; }

# Succeeds if folder $1 holds a JDK (not only a JRE) that is new enough.
hongbao_jdk_fits() {
  [ -n "$1" ] && [ -x "$1/bin/javac" ] || return 1
  hongbao_jdk_found=$(hongbao_jdk_feature "$1")
  [ "${hongbao_jdk_found:-0}" -ge "$HONGBAO_JDK_MIN" ]
}

if ! hongbao_jdk_fits "${JAVA_HOME:-}"; then
  # The usual homes: CI images, Debian and Fedora, sdkman, IntelliJ, hand-made, macOS.
  for hongbao_jdk in "${JAVA_HOME_25_X64:-}" /usr/lib/jvm/*25* /usr/lib/jvm/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /opt/*jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if hongbao_jdk_fits "$hongbao_jdk"; then
      JAVA_HOME=$hongbao_jdk
      export JAVA_HOME
      break
    fi
  done
  hongbao_jdk_fits "${JAVA_HOME:-}" || {
    echo "Hongbao needs a JDK $HONGBAO_JDK_MIN or newer. Install one (Temurin, for instance), or set JAVA_HOME to it." >&2
    exit 1
  }
fi
