package io.hongbao.cli.call;

import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for a ticket. */
@Command(
        name = "grab",
        description = "Ask for a ticket to open a packet. That none is left is an answer, not a failure.",
        mixinStandardHelpOptions = true)
public final class GrabCommand extends CallCommand {
    @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.")
    private long packetId;

    @Option(names = "--user", required = true, description = "Who grabs.")
    private String user = "";

    @Option(names = "--group", description = "Where the user saw the packet. Default: " + DEFAULT_GROUP + ".")
    private String group = DEFAULT_GROUP;

    @Option(names = "--request-id", description = "Repeat a request that got no answer. Default: a new id.")
    private String requestId = "";

    @Override
    protected long packet() {
        return packetId;
    }

    @Override
    protected int call(Clients clients) {
        GrabResponse answer = clients.grab()
                .grab(GrabRequest.newBuilder()
                        .setRequestId(requestId(requestId))
                        .setPacketId(packetId)
                        .setUserId(user)
                        .setGroupId(group)
                        .build());
        print(
                answer,
                answer.getResult() == GrabResult.GRAB_RESULT_GRANTED
                        ? "ticket %s until %s%s"
                                .formatted(
                                        answer.getTicket(),
                                        Words.of(answer.getTicketExpiresAt()),
                                        Words.replay(answer.getReplay()))
                        : describe(answer.getResult()));
        return 0;
    }

    static String describe(GrabResult result) {
        return switch (result) {
            case GRAB_RESULT_GRANTED -> "granted";
            case GRAB_RESULT_SOLD_OUT -> "sold out: no share is left to grab";
            case GRAB_RESULT_EXPIRED -> "expired: what was left went back to the sender";
            case GRAB_RESULT_ALREADY_OPENED -> "opened already: the user has a share of this packet";
            case GRAB_RESULT_NOT_FOR_YOU -> "not for this user: the packet has one named receiver";
            case GRAB_RESULT_UNSPECIFIED, UNRECOGNIZED -> "an answer this program does not know: " + result;
        };
    }
}
