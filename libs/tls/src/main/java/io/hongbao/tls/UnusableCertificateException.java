package io.hongbao.tls;

/** The files of a party are missing, damaged, expired, or do not belong together. The message never holds their content. */
public class UnusableCertificateException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableCertificateException(String message) {
        super(message);
    }

    UnusableCertificateException(String message, Throwable cause) {
        super(message, cause);
    }
}
