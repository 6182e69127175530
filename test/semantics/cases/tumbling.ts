import { days, hours, minutes, milliseconds as ms, tumbling } from "../../../shared/index.ts";
import type { Case } from "../case.ts";

const DROPPED = { kafka: { by: "before-epoch", contents: "", says: "the record is dropped" } } as const;

/** Windows of one size, one after another. */
export const TUMBLING: readonly Case[] = [
  {
    name: "an event at the start of a window is in it",
    from: ["flink-assigners"],
    in: "a@10 end",
    gives: "2> a[10,20)=1",
  },
  {
    name: "an event a millisecond before the end is in the window",
    from: ["flink-assigners", "beam-fixed"],
    in: "a@19 end",
    gives: "2> a[10,20)=1",
  },
  {
    name: "an event at the end of a window is in the next one",
    from: ["flink-assigners", "beam-fixed"],
    in: "a@20 end",
    gives: "2> a[20,30)=1",
  },
  {
    name: "windows are aligned with the epoch, not with the first event",
    from: ["flink-tumbling", "kafka-time-windows"],
    in: "a@7 a@12 end",
    gives: "2> a[0,10)=1; 3> a[10,20)=2",
  },
  {
    name: "an event at zero is in the window that starts there",
    from: ["kafka-time-windows"],
    in: "a@0 end",
    gives: "2> a[0,10)=1",
  },
  {
    name: "an event a millisecond before 1970 has a window",
    from: ["kafka-timestamps", "kafka-time-windows"],
    in: "a@-1 end",
    gives: "2> a[-10,0)=1",
    differs: DROPPED,
  },
  {
    name: "the start of a window before 1970 belongs to it",
    from: ["flink-assigners", "kafka-timestamps"],
    in: "a@-10 end",
    gives: "2> a[-10,0)=1",
    differs: DROPPED,
  },
  {
    name: "each event is in exactly one window",
    from: ["flink-tumbling", "kafka-time-windows"],
    in: "a@1 a@11 a@21 end",
    gives: "2> a[0,10)=1; 3> a[10,20)=2; 4> a[20,30)=3",
  },
  {
    name: "all events of a window give one result",
    from: ["flink-triggers", "beam-event-time"],
    in: "a@1 a@5 a@9 end",
    gives: "4> a[0,10)=1+2+3",
  },
  {
    name: "each key has windows of its own",
    from: ["beam-fixed", "flink-assigners"],
    in: "a@1 b@2 a@3 end",
    gives: "4> a[0,10)=1+3; 4> b[0,10)=2",
  },
  {
    name: "a window without events gives nothing",
    from: ["flink-lifecycle"],
    in: "a@1 a@31 end",
    gives: "2> a[0,10)=1; 3> a[30,40)=2",
  },
  {
    name: "a window may be a millisecond long",
    from: ["flink-assigners"],
    window: tumbling(ms(1)),
    in: "a@5 a@6 end",
    gives: "2> a[5,6)=1; 3> a[6,7)=2",
  },
  {
    name: "of five-minute windows the first ends before 0:05:00",
    from: ["beam-fixed"],
    window: tumbling(minutes(5)),
    in: "a@299999 a@300000 end",
    gives: "2> a[0,300000)=1; 3> a[300000,600000)=2",
  },
  {
    name: "hourly windows are 1:00:00.000 to 1:59:59.999",
    from: ["flink-tumbling"],
    window: tumbling(hours(1)),
    in: "a@3600000 a@7199999 a@7200000 end",
    gives: "3> a[3600000,7200000)=1+2; 4> a[7200000,10800000)=3",
  },
  {
    name: "windows of 5000 begin at zero and at 5000",
    from: ["kafka-time-windows"],
    window: tumbling(ms(5_000)),
    in: "a@0 a@4999 a@5000 end",
    gives: "3> a[0,5000)=1+2; 4> a[5000,10000)=3",
  },
  {
    name: "a day is a day in UTC",
    from: ["flink-tumbling", "beam-offset"],
    window: tumbling(days(1)),
    in: "a@86399999 a@86400000 end",
    gives: "2> a[0,86400000)=1; 3> a[86400000,172800000)=2",
    differs: {
      flink: { by: "no-offset", says: "an offset of -8 hours makes it a day in China" },
      beam: { by: "no-offset", says: "an offset moves it" },
    },
  },
  {
    name: "events out of order are in their windows all the same",
    from: ["flink-bounded"],
    outOfOrder: 5,
    in: "a@9 a@3 a@7 end",
    gives: "4> a[0,10)=1+2+3",
  },
  {
    name: "windows close in the order of time, not of their events",
    from: ["flink-results", "beam-event-time"],
    outOfOrder: 100,
    in: "a@25 a@5 a@15 end",
    gives: "4> a[0,10)=2; 4> a[10,20)=3; 4> a[20,30)=1",
  },
  {
    name: "a size that divides nothing is aligned, too",
    from: ["kafka-time-windows"],
    window: tumbling(ms(7)),
    in: "a@6 a@7 a@20 end",
    gives: "2> a[0,7)=1; 3> a[7,14)=2; 4> a[14,21)=3",
  },
];
