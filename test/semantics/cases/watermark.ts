import { seconds, tumbling } from "../../../shared/index.ts";
import type { Case } from "../case.ts";

const MINUTES = tumbling(seconds(300));

/** How far a partition has come: the highest event time less the out-of-orderness. */
export const WATERMARK: readonly Case[] = [
  {
    name: "a window closes once the newest event is its end and the out-of-orderness away",
    from: ["flink-bounded"],
    outOfOrder: 3,
    in: "a@1 a@12 a@13 end",
    gives: "3> a[0,10)=1; 4> a[10,20)=2+3",
  },
  {
    name: "without out-of-orderness it closes with the first event at its end",
    from: ["flink-bounded", "flink-triggers"],
    in: "a@1 a@9 a@10 end",
    gives: "3> a[0,10)=1+2; 4> a[10,20)=3",
  },
  {
    name: "the watermark never goes back",
    from: ["flink-watermarks"],
    in: "a@25 a@12 a@13 end",
    gives: "2> late 2; 3> late 3; 4> a[20,30)=1",
  },
  {
    name: "the watermark moves with each event",
    from: ["flink-watermarks"],
    in: "a@5 a@10 a@6 end",
    gives: "2> a[0,10)=1; 3> late 3; 4> a[10,20)=2",
    differs: {
      flink: {
        by: "watermark-per-event",
        says: "an event within the same period may still be in the window",
      },
      beam: { by: "watermark-per-event", says: "as the source gives watermarks" },
    },
  },
  {
    name: "an event is not late by what it does to the watermark itself",
    from: ["kafka-grace"],
    in: "a@9 a@50 end",
    gives: "2> a[0,10)=1; 3> a[50,60)=2",
  },
  {
    name: "events as new as the newest are not late",
    from: ["flink-bounded"],
    in: "a@10 a@10 b@10 end",
    gives: "4> a[10,20)=1+2; 4> b[10,20)=3",
  },
  {
    name: "an event behind the watermark is in its window while that is open",
    from: ["flink-operator", "kafka-grace"],
    in: "a@18 a@11 end",
    gives: "3> a[10,20)=1+2",
  },
  {
    name: "all keys of a partition share its watermark",
    from: ["flink-time"],
    in: "a@1 b@10 end",
    gives: "2> a[0,10)=1; 3> b[10,20)=2",
  },
  {
    name: "one event far ahead closes everything before it",
    from: ["flink-bounded"],
    in: "a@1 a@11 b@1000 a@12 end",
    gives: "2> a[0,10)=1; 3> a[10,20)=2; 4> late 4; 5> b[1000,1010)=3",
  },
  {
    name: "with 30 s of lag a record of 3:38 is late after one of 5:30",
    from: ["beam-late"],
    window: MINUTES,
    outOfOrder: 30_000,
    in: "a@100000 a@330000 a@218000 end",
    gives: "2> a[0,300000)=1; 3> late 3; 4> a[300000,600000)=2",
  },
  {
    name: "with 30 s of lag it is not after one of 5:29.999",
    from: ["beam-late"],
    window: MINUTES,
    outOfOrder: 30_000,
    in: "a@100000 a@329999 a@218000 end",
    gives: "4> a[0,300000)=1+3; 4> a[300000,600000)=2",
  },
  {
    name: "the end of the input is the end of time",
    from: ["flink-time"],
    in: "a@1 end a@2 end",
    gives: "2> a[0,10)=1; 3> late 3",
  },
  {
    name: "disorder within the bound makes nothing late",
    from: ["flink-bounded"],
    outOfOrder: 50,
    in: "a@60 a@11 a@10 end",
    gives: "4> a[10,20)=2+3; 4> a[60,70)=1",
  },
  {
    name: "disorder beyond the bound makes late what has no open window",
    from: ["flink-bounded"],
    outOfOrder: 50,
    in: "a@60 a@9 end",
    gives: "2> late 2; 3> a[60,70)=1",
  },
  {
    name: "the first event of all is never late",
    from: ["flink-bounded", "kafka-stream-time"],
    in: "a@-500 end",
    gives: "2> a[-500,-490)=1",
    differs: { kafka: { by: "before-epoch", contents: "", says: "dropped, being before 1970" } },
  },
  {
    name: "events that come sorted are never late, whatever the gaps",
    from: ["flink-watermarks"],
    in: "a@1 a@500 a@501 a@9000 end",
    gives: "2> a[0,10)=1; 4> a[500,510)=2+3; 5> a[9000,9010)=4",
  },
];
