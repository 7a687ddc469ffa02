package io.hongbao.kit.trace;

import io.opentelemetry.api.trace.SpanKind;

/** What a service does with many packets at once: one statement, or one Kafka record. */
public enum Step {
    ORDERS_INSERT("orders insert", SpanKind.CLIENT),
    ORDERS_PUBLISH("orders publish", SpanKind.CLIENT),
    OPENS_COMMIT("opens commit", SpanKind.CLIENT),
    SHARES_SETTLE("shares settle", SpanKind.CLIENT),
    LEDGER_BOOK("ledger book", SpanKind.CLIENT),
    RECORDS_WRITE("records write", SpanKind.CLIENT),
    ORDERS_SEND("hongbao.orders.v1 send", SpanKind.PRODUCER),
    ORDERS_PROCESS("hongbao.orders.v1 process", SpanKind.CONSUMER),
    TRANSFERS_SEND("hongbao.transfers.v1 send", SpanKind.PRODUCER),
    TRANSFERS_PROCESS("hongbao.transfers.v1 process", SpanKind.CONSUMER);

    final String spanName;
    final SpanKind kind;

    Step(String spanName, SpanKind kind) {
        this.spanName = spanName;
        this.kind = kind;
    }

    boolean isKafka() {
        return kind != SpanKind.CLIENT;
    }

    /** The first word of a Kafka span's name. */
    String topic() {
        return spanName.substring(0, spanName.indexOf(' '));
    }
}
