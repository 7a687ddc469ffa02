package io.hongbao.cli.call;

import io.hongbao.cli.text.Yuan;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Opens a share, with a grab before it unless a ticket is given. */
@Command(
        name = "open",
        description = "Grab and open a packet. That none is left is an answer, not a failure.",
        mixinStandardHelpOptions = true)
public final class OpenCommand extends CallCommand {
    @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.")
    private long packetId;

    @Option(names = "--user", required = true, description = "Who opens.")
    private String user = "";

    @Option(names = "--group", description = "Where the user saw the packet. Default: " + DEFAULT_GROUP + ".")
    private String group = DEFAULT_GROUP;

    @Option(names = "--ticket", description = "A ticket of the grab command. Default: grab first.")
    private String ticket = "";

    @Option(names = "--request-id", description = "Repeat a request that got no answer. Default: a new id.")
    private String requestId = "";

    @Override
    protected long packet() {
        return packetId;
    }

    @Override
    protected int call(Clients clients) {
        String request = requestId(requestId);
        String shown = ticket;
        if (shown.isEmpty()) {
            GrabResponse grabbed = clients.grab()
                    .grab(GrabRequest.newBuilder()
                            .setRequestId(request)
                            .setPacketId(packetId)
                            .setUserId(user)
                            .setGroupId(group)
                            .build());
            if (grabbed.getResult() != GrabResult.GRAB_RESULT_GRANTED) {
                print(grabbed, GrabCommand.describe(grabbed.getResult()));
                return 0;
            }
            shown = grabbed.getTicket();
        }
        OpenResponse opened = clients.open()
                .open(OpenRequest.newBuilder()
                        .setRequestId(request)
                        .setPacketId(packetId)
                        .setUserId(user)
                        .setGroupId(group)
                        .setTicket(shown)
                        .build());
        print(
                opened,
                opened.getResult() == OpenResult.OPEN_RESULT_OPENED
                        ? "%s gets %s yuan, share number %d%s"
                                .formatted(
                                        user,
                                        Yuan.of(opened.getAmountFen()),
                                        opened.getSequence(),
                                        Words.replay(opened.getReplay()))
                        : describe(opened.getResult()));
        return 0;
    }

    private static String describe(OpenResult result) {
        return switch (result) {
            case OPEN_RESULT_OPENED -> "opened";
            case OPEN_RESULT_SOLD_OUT -> "sold out: every share was opened by somebody else";
            case OPEN_RESULT_EXPIRED -> "expired: what was left went back to the sender";
            case OPEN_RESULT_NOT_FOR_YOU -> "not for this user: the packet has one named receiver";
            case OPEN_RESULT_UNSPECIFIED, UNRECOGNIZED -> "an answer this program does not know: " + result;
        };
    }
}
