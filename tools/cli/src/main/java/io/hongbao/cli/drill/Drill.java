package io.hongbao.cli.drill;

/**
 * One fault, or one operation, under load. It starts a stack, loads it, breaks something, and says what must be true
 * meanwhile. The promises are checked for it when it is over.
 */
public interface Drill {
    /** What it is called on the command line: lower case and hyphens. */
    String name();

    /** One line for the list. */
    String summary();

    /**
     * Runs once. What is not as it must be is told by {@link DrillContext#require}; an exception ends the drill as failed.
     * Nothing has to be stopped at the end.
     */
    void run(DrillContext drill) throws Exception;
}
