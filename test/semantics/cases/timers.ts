import { hopping, milliseconds as ms, session, tumbling } from "../../../shared/index.ts";
import type { Case } from "../case.ts";

const FIVE = tumbling(ms(5));

/** The order in which time ends things, and windows behind windows. */
export const TIMERS: readonly Case[] = [
  {
    name: "what ends first is given first, whenever it began",
    from: ["flink-results"],
    window: session(ms(5)),
    outOfOrder: 100,
    in: "a@20 b@3 c@9 end",
    gives: "4> b[3,8)=2; 4> c[9,14)=3; 4> a[20,25)=1",
  },
  {
    name: "windows end before the next event is taken",
    from: ["flink-results"],
    lateness: 20,
    in: "a@1 b@12 a@2 end",
    gives: "2> a[0,10)=1; 3> a[0,10)=1+3 late #1; 4> b[10,20)=2",
  },
  {
    name: "results of a window are in the window of the same span behind it",
    from: ["flink-results"],
    window: FIVE,
    behind: FIVE,
    in: "a@1 a@6 end",
    gives: "2> a[0,5)=1; 2> then a[0,5)=(1); 3> a[5,10)=2; 3> then a[5,10)=(2)",
  },
  {
    name: "results of small windows make up a large one",
    from: ["flink-results"],
    window: FIVE,
    behind: tumbling(ms(10)),
    in: "a@1 a@6 a@11 end",
    gives: "2> a[0,5)=1; 3> a[5,10)=2; 3> then a[0,10)=(1),(2); 4> a[10,15)=3; 4> then a[10,20)=(3)",
  },
  {
    name: "no result on time is late for a window behind it, even after a jump",
    from: ["flink-results"],
    window: FIVE,
    behind: tumbling(ms(10)),
    in: "a@1 a@4 b@500 end",
    gives: "3> a[0,5)=1+2; 3> then a[0,10)=(1+2); 4> b[500,505)=3; 4> then b[500,510)=(3)",
  },
  {
    name: "hopping results are in the windows of their last millisecond",
    from: ["flink-results"],
    window: hopping(ms(10), ms(5)),
    behind: FIVE,
    in: "a@7 end",
    gives: "2> a[0,10)=1; 2> a[5,15)=1; 2> then a[5,10)=(1); 2> then a[10,15)=(1)",
  },
  {
    name: "a session's result has the time of its end",
    from: ["flink-results", "beam-interval", "kafka-session-aggregate"],
    window: session(ms(5)),
    behind: FIVE,
    in: "a@0 b@20 end",
    gives: "2> a[0,5)=1; 2> then a[5,10)=(1); 3> b[20,25)=2; 3> then b[25,30)=(2)",
    differs: {
      flink: { by: "session-result-time", says: "then a[0,5)" },
      beam: { by: "session-result-time", says: "then a[0,5)" },
      kafka: { by: "session-result-time", says: "then a[0,5), by its last event" },
    },
  },
  {
    name: "a late pane is late for a window behind it that has no lateness of its own",
    from: ["beam-late", "flink-lateness"],
    window: FIVE,
    behind: FIVE,
    lateness: 20,
    in: "a@1 a@6 a@2 end",
    gives:
      "2> a[0,5)=1; 2> then a[0,5)=(1); 3> a[0,5)=1+3 late #1; 3> then late (1+3); 4> a[5,10)=2; 4> then a[5,10)=(2)",
    differs: {
      beam: {
        by: "lateness-downstream",
        says: "the second window inherits the lateness: 3> then a[0,5)=(1+3)",
      },
    },
  },
  {
    name: "early panes of a window are events of the one behind it",
    from: ["beam-event-time"],
    window: FIVE,
    behind: tumbling(ms(10)),
    early: { events: 1 },
    in: "a@1 a@2 end",
    gives: "1> a[0,5)=1 early; 2> a[0,5)=1+2 early #1; 3> a[0,5)=1+2 #2; 3> then a[0,10)=(1),(1+2),(1+2)",
  },
  {
    name: "the state of a window goes with its lateness",
    from: ["flink-lifecycle", "beam-expiry"],
    lateness: 5,
    in: "a@5 b@14 a@6 b@15 a@7 end",
    gives: "2> a[0,10)=1; 3> a[0,10)=1+3 late #1; 5> late 5; 6> b[10,20)=2+4",
  },
  {
    name: "the end of the input ends windows behind windows",
    from: ["flink-results", "flink-time"],
    window: FIVE,
    behind: hopping(ms(10), ms(5)),
    in: "a@1 end",
    gives: "2> a[0,5)=1; 2> then a[-5,5)=(1); 2> then a[0,10)=(1)",
  },
  {
    name: "many windows end at one event, each once",
    from: ["flink-triggers"],
    window: hopping(ms(12), ms(3)),
    in: "a@10 a@100",
    gives: "2> a[0,12)=1; 2> a[3,15)=1; 2> a[6,18)=1; 2> a[9,21)=1",
  },
];
