package io.hongbao.cli.call;

import io.hongbao.cli.text.Yuan;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetBalanceResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what a wallet holds. */
@Command(name = "balance", description = "Show what a user's wallet holds.", mixinStandardHelpOptions = true)
public final class BalanceCommand extends CallCommand {
    @Parameters(paramLabel = "USER", description = "The wallet's owner.")
    private String user = "";

    @Override
    protected int call(Clients clients) {
        GetBalanceResponse answer = clients.wallet()
                .getBalance(GetBalanceRequest.newBuilder().setUserId(user).build());
        print(answer, user + "  " + Yuan.of(answer.getBalanceFen()) + " yuan");
        return 0;
    }
}
