package io.hongbao.cli.drill;

import java.util.List;

/** WeChat Pay does not answer, or says that it does not know, while money comes in and goes out. */
final class ProviderFault implements Drill {
    private static final int PACKET_COUNT = 10;
    /** Calls that go wrong, in each half of the drill. */
    private static final int CALL_COUNT = 12;

    private final String name;
    private final String summary;
    private final List<String> misbehaviours;

    /** @param misbehaviours of the sandbox, one after the other */
    ProviderFault(String name, String summary, List<String> misbehaviours) {
        this.name = name;
        this.summary = summary;
        this.misbehaviours = misbehaviours;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        try (var money = OutsideMoney.start(drill)) {
            for (String how : misbehaviours) {
                var payments = money.wrap(PACKET_COUNT);
                // Nobody is notified: who wants to know has to ask, and is not answered.
                money.weChatPay().sandbox().misbehave(how, CALL_COUNT);
                payments.forEach(payment -> money.weChatPay().sandbox().pay(payment, false));
                drill.figure("confirmed_ms_" + how, money.awaitConfirmed(payments));
                money.weChatPay().sandbox().misbehave(how, CALL_COUNT);
                money.openAll();
                money.requirePaidOut();
            }
        }
    }
}
