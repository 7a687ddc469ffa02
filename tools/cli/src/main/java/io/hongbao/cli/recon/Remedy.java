package io.hongbao.cli.recon;

/** What {@code recon repair} does about a difference. */
public enum Remedy {
    /** Tells the packet's events once more; whoever has them passes them over. */
    REPLAY,
    /** Asks send-svc to publish, which asks for the payment again. */
    PUBLISH,
    /** Loads the stock of Redis from the order. */
    RESTOCK,
    /** Cannot be explained: nothing more is given out of the packet. */
    FREEZE,
    /** For a person: no money can leave because of it. */
    LOOK
}
