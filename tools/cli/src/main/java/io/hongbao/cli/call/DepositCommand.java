package io.hongbao.cli.call;

import io.hongbao.cli.text.Yuan;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.DepositResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts money into a wallet. */
@Command(name = "deposit", description = "Put money from outside into a wallet.", mixinStandardHelpOptions = true)
public final class DepositCommand extends CallCommand {
    @Parameters(paramLabel = "USER", description = "The wallet's owner.")
    private String user = "";

    @Parameters(paramLabel = "FEN", description = "How much, in fen: 100 fen are 1 yuan.")
    private long amountFen;

    @Option(names = "--request-id", description = "Repeat a request that got no answer. Default: a new id.")
    private String requestId = "";

    @Override
    protected int call(Clients clients) {
        DepositResponse answer = clients.wallet()
                .deposit(DepositRequest.newBuilder()
                        .setRequestId(requestId(requestId))
                        .setUserId(user)
                        .setAmountFen(amountFen)
                        .build());
        print(answer, user + "  " + Yuan.of(answer.getBalanceFen()) + " yuan" + Words.replay(answer.getReplay()));
        return 0;
    }
}
