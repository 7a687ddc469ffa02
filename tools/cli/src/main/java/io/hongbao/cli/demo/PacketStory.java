package io.hongbao.cli.demo;

import io.hongbao.cli.call.PacketView;
import io.hongbao.cli.verify.FairnessProof;
import java.util.Comparator;
import java.util.List;

/**
 * How it went for one packet.
 *
 * @param outcomes of the crowd
 * @param late the latecomer's
 * @param view the packet at the end
 */
record PacketStory(
        PacketPlan plan, long packetId, List<Outcome> outcomes, Outcome late, PacketView view, FairnessProof proof) {
    List<Outcome.Opened> opened() {
        return outcomes.stream()
                .filter(Outcome.Opened.class::isInstance)
                .map(Outcome.Opened.class::cast)
                .sorted(Comparator.comparingInt(Outcome.Opened::sequence))
                .toList();
    }

    List<Outcome.Refused> refused() {
        return outcomes.stream()
                .filter(Outcome.Refused.class::isInstance)
                .map(Outcome.Refused.class::cast)
                .toList();
    }
}
