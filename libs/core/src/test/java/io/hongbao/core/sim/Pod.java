package io.hongbao.core.sim;

/** A process that opens packets; it believes that it owns them, and may be wrong. */
interface Pod {
    /** Hears every answer that leaves the pod. */
    interface Clients {
        void hear(Call.Open call, Answer answer);
    }

    void take(Call call);

    boolean hasWork();

    /** Does the next thing: decides a batch, or commits the one that is decided. Others run in between. */
    void step();

    /**
     * Dies before or right after the commit of what it has decided, and comes back without memory; whoever waits hears
     * nothing but a broken connection.
     */
    void crash();
}
