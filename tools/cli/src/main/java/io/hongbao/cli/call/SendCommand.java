package io.hongbao.cli.call;

import com.google.protobuf.util.Durations;
import io.hongbao.cli.text.Yuan;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.PacketKind;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Wraps a packet, and pays it. */
@Command(
        name = "send",
        description = "Wrap a packet and pay it from the sender's wallet.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: hongbao send --from li-na --yuan 88.88 --shares 8"})
public final class SendCommand extends CallCommand {
    /** How amounts are decided. */
    enum Kind {
        LUCKY(PacketKind.PACKET_KIND_LUCKY),
        EQUAL(PacketKind.PACKET_KIND_EQUAL),
        EXCLUSIVE(PacketKind.PACKET_KIND_EXCLUSIVE);

        private final PacketKind contract;

        Kind(PacketKind contract) {
            this.contract = contract;
        }
    }

    /** The amount, in one of two units. */
    static final class Amount {
        @Option(names = "--yuan", required = true, description = "What the packet holds, in yuan: 88.88")
        private String yuan = "";

        @Option(names = "--fen", required = true, description = "The same in fen: 8888")
        private long fen;
    }

    @Option(names = "--from", paramLabel = "USER", required = true, description = "Who sends and pays.")
    private String sender = "";

    @ArgGroup(multiplicity = "1")
    private Amount amount = new Amount();

    @Option(names = "--shares", paramLabel = "N", defaultValue = "1", description = "For how many. Default: 1.")
    private int shareCount;

    @Option(names = "--kind", defaultValue = "LUCKY", description = "${COMPLETION-CANDIDATES}. Default: LUCKY.")
    private Kind kind = Kind.LUCKY;

    @Option(names = "--to", paramLabel = "USER", description = "The receiver of an EXCLUSIVE packet.")
    private String exclusiveUser = "";

    @Option(names = "--group", description = "Who may open. Default: " + DEFAULT_GROUP + ".")
    private String group = DEFAULT_GROUP;

    @Option(names = "--greeting", description = "Words on the packet. Default: ${DEFAULT-VALUE}")
    private String greeting = "恭喜发财，大吉大利";

    @Option(names = "--city", paramLabel = "CODE", description = "Six digits of the sender's place.")
    private String cityCode = "";

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            description = "How long it may be opened, 1 to 86400. Default: 24 hours.")
    private long timeToLiveSeconds;

    @Option(names = "--no-pay", description = "Leave the payment for the pay command.")
    private boolean withoutPayment;

    @Option(names = "--request-id", description = "Repeat a request that got no answer. Default: a new id.")
    private String requestId = "";

    @Override
    protected int call(Clients clients) {
        long totalFen = amountFen();
        String request = requestId(requestId);
        var wrap = CreatePacketRequest.newBuilder()
                .setRequestId(request)
                .setSenderId(sender)
                .setGroupId(group)
                .setKind(kind.contract)
                .setTotalFen(totalFen)
                .setShareCount(shareCount)
                .setExclusiveUserId(exclusiveUser)
                .setGreeting(greeting)
                .setCityCode(cityCode);
        if (timeToLiveSeconds != 0) {
            wrap.setTimeToLive(Durations.fromSeconds(timeToLiveSeconds));
        }
        CreatePacketResponse wrapped = clients.send().createPacket(wrap.build());
        if (withoutPayment) {
            print(
                    wrapped,
                    "packet %d of %s yuan awaits payment%s%nPay it with: hongbao pay %1$d"
                            .formatted(wrapped.getPacketId(), Yuan.of(totalFen), Words.replay(wrapped.getReplay())));
            return 0;
        }
        ConfirmPaymentResponse paid = clients.wallet()
                .confirmPayment(ConfirmPaymentRequest.newBuilder()
                        .setRequestId(request)
                        .setPaymentId(wrapped.getPaymentId())
                        .setPayerId(sender)
                        .setAmountFen(totalFen)
                        .build());
        if (json()) {
            out().println("{\"packet\":" + toJson(wrapped) + ",\"payment\":" + toJson(paid) + "}");
        } else {
            out().println("packet %d of %s yuan is paid%s%nOpen it with: hongbao open %1$d --user USER%s"
                    .formatted(
                            wrapped.getPacketId(),
                            Yuan.of(totalFen),
                            paid.getPublished() ? " and published" : ", and published in a moment",
                            group.equals(DEFAULT_GROUP) ? "" : " --group " + group));
        }
        return 0;
    }

    private long amountFen() {
        if (amount.yuan.isEmpty()) {
            return amount.fen;
        }
        try {
            return Yuan.parseFen(amount.yuan);
        } catch (IllegalArgumentException noAmount) {
            throw usage("--yuan: " + noAmount.getMessage());
        }
    }
}
