package io.hongbao.localstack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The command; {@link Arguments#USAGE} says what it does. */
public final class Main {
    private Main() {}

    public static void main(String[] words) {
        var begun = System.nanoTime();
        // Programs read our standard output: a library's chatter must not get in between.
        var answers = System.out;
        System.setOut(System.err);
        if (words.length == 1 && (words[0].equals("--help") || words[0].equals("-h"))) {
            answers.print(Arguments.USAGE);
            return;
        }
        try {
            run(Arguments.parse(words), answers, begun);
            System.exit(0);
        } catch (StackException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException | InterruptedException | RuntimeException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void run(Arguments arguments, PrintStream answers, long begun)
            throws IOException, InterruptedException {
        if (arguments.backup().isPresent()) {
            answers.println(Backup.take(
                    arguments.data().orElseThrow(), arguments.backup().get()));
            return;
        }
        var folder = StackFolder.open(arguments.data());
        // Before the first logger is made.
        System.setProperty("org.slf4j.simpleLogger.logFile", folder.log("kafka").toString());
        System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
        System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");

        var stack = Stack.of(arguments, folder);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(stack), "end"));
        if (arguments.restore().isPresent()) {
            answers.println(stack.restore(arguments.restore().get()));
            return;
        }
        stack.start();
        answers.println("READY %s ms=%d".formatted(stack.describe(), (System.nanoTime() - begun) / 1_000_000));

        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            if (!line.isBlank()) {
                answers.println(stack.command(line));
            }
        }
    }

    private static void end(Stack stack) {
        try {
            stack.stop();
        } catch (IOException | InterruptedException | RuntimeException e) {
            e.printStackTrace();
        }
    }
}
