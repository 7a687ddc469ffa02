package io.hongbao.control;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * Who did what to what. Lengths are cut to what the table takes, so that no entry is refused for one.
 *
 * @param actor a person or a service, 1 to 200 characters
 * @param action what was done, for instance {@code callback.refused}, 1 to 100 characters
 * @param subject what it was done to, 1 to 200 characters
 * @param details anything else; no personal data and no secrets, since the chain cannot be cut
 */
public record AuditEntry(String actor, String action, String subject, JsonObject details) {
    private static final int LONG_MAX = 200;
    private static final int SHORT_MAX = 100;

    public AuditEntry {
        actor = fit(actor, LONG_MAX);
        action = fit(action, SHORT_MAX);
        subject = fit(subject, LONG_MAX);
    }

    /** @param details texts by name */
    public static AuditEntry of(String actor, String action, String subject, Map<String, String> details) {
        var json = new JsonObject();
        details.forEach((name, value) -> json.put(name, clean(value)));
        return new AuditEntry(actor, action, subject, json);
    }

    private static String fit(String text, int max) {
        String clean = clean(text);
        if (clean.isEmpty()) {
            return "-";
        }
        if (clean.length() <= max) {
            return clean;
        }
        // Not between the halves of one character.
        return clean.substring(0, Character.isHighSurrogate(clean.charAt(max - 1)) ? max - 1 : max);
    }

    /** PostgreSQL stores no NUL. */
    private static String clean(String text) {
        return text.replace("\0", "");
    }
}
