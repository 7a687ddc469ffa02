package io.hongbao.cli.drill;

/** No fault at all: what the load itself comes to, for comparison, and the proof that the other drills start from health. */
final class Calm implements Drill {
    @Override
    public String name() {
        return "calm";
    }

    @Override
    public String summary() {
        return "no fault: the load alone, without a single error";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start();
        SteadyLoad load = stack.load();
        LoadWindow window = load.measure(drill.loadTime());
        drill.figures("load", window);
        for (String set : load.sets()) {
            drill.require(window.of(Step.OPEN, set).doneCount() > 0, "nothing was opened in " + set);
        }
        drill.require(window.errorCount() == 0, "errors without a fault: " + window.errors());
    }
}
