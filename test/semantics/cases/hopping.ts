import { hopping, minutes, milliseconds as ms, seconds } from "../../../shared/index.ts";
import type { Case } from "../case.ts";

const BY_FIVE = hopping(ms(10), ms(5));

/** Windows of one size that start every slide: what Beam and Flink call sliding. */
export const HOPPING: readonly Case[] = [
  {
    name: "an event is in size / slide windows",
    from: ["flink-sliding", "beam-sliding"],
    window: BY_FIVE,
    in: "a@12 end",
    gives: "2> a[5,15)=1; 2> a[10,20)=1",
  },
  {
    name: "at the start of a window it is in that one and those before",
    from: ["flink-assigners"],
    window: BY_FIVE,
    in: "a@10 end",
    gives: "2> a[5,15)=1; 2> a[10,20)=1",
  },
  {
    name: "at the end of a window it is not in that one",
    from: ["flink-assigners"],
    window: BY_FIVE,
    in: "a@15 end",
    gives: "2> a[10,20)=1; 2> a[15,25)=1",
  },
  {
    name: "windows of ten minutes by five hold the last ten minutes",
    from: ["flink-sliding"],
    window: hopping(minutes(10), minutes(5)),
    in: "a@600000 end",
    gives: "2> a[300000,900000)=1; 2> a[600000,1200000)=1",
  },
  {
    name: "a minute by thirty seconds: two windows for each event",
    from: ["beam-sliding"],
    window: hopping(seconds(60), seconds(30)),
    in: "a@45000 end",
    gives: "2> a[0,60000)=1; 2> a[30000,90000)=1",
  },
  {
    name: "5000 by 3000: [0;5000), [3000;8000) and no others for 4000",
    from: ["kafka-time-windows"],
    window: hopping(ms(5_000), ms(3_000)),
    in: "a@4000 end",
    gives: "2> a[0,5000)=1; 2> a[3000,8000)=1",
  },
  {
    name: "5000 by 3000: the second and the third for 6000",
    from: ["kafka-time-windows"],
    window: hopping(ms(5_000), ms(3_000)),
    in: "a@6000 end",
    gives: "2> a[3000,8000)=1; 2> a[6000,11000)=1",
  },
  {
    name: "5000 by 3000: one window only for 8000, the end of another",
    from: ["kafka-time-windows"],
    window: hopping(ms(5_000), ms(3_000)),
    in: "a@8000 end",
    gives: "2> a[6000,11000)=1",
  },
  {
    name: "windows that began before 1970 hold events after it",
    from: ["kafka-time-windows"],
    window: hopping(ms(5_000), ms(3_000)),
    in: "a@0 end",
    gives: "2> a[-3000,2000)=1; 2> a[0,5000)=1",
    differs: { kafka: { by: "before-epoch", contents: "a[0,5000)=1" } },
  },
  {
    name: "times before 1970 have their windows",
    from: ["kafka-timestamps"],
    window: BY_FIVE,
    in: "a@-3 end",
    gives: "2> a[-10,0)=1; 2> a[-5,5)=1",
    differs: { kafka: { by: "before-epoch", contents: "", says: "the record is dropped" } },
  },
  {
    name: "a slide that does not divide the size gives one window more or fewer",
    from: ["flink-sliding"],
    window: hopping(ms(10), ms(4)),
    in: "a@13 a@14 end",
    gives: "2> a[4,14)=1; 3> a[8,18)=1+2; 3> a[12,22)=1+2",
  },
  {
    name: "a slide as long as the size makes tumbling windows",
    from: ["kafka-time-windows"],
    window: hopping(ms(10), ms(10)),
    in: "a@12 end",
    gives: "2> a[10,20)=1",
  },
  {
    name: "each window gives its result as the watermark passes its end",
    from: ["flink-triggers", "flink-sliding"],
    window: BY_FIVE,
    in: "a@7 a@12 a@17 end",
    gives: "2> a[0,10)=1; 3> a[5,15)=1+2; 4> a[10,20)=2+3; 4> a[15,25)=3",
  },
  {
    name: "an event too late for one of its windows goes into the others",
    from: ["flink-operator", "kafka-grace"],
    window: BY_FIVE,
    in: "a@16 a@14 end",
    gives: "3> a[10,20)=1+2; 3> a[15,25)=1",
  },
  {
    name: "an event is late only if it is too late for all of its windows",
    from: ["flink-operator", "kafka-grace"],
    window: BY_FIVE,
    in: "a@26 a@14 end",
    gives: "2> late 2; 3> a[20,30)=1; 3> a[25,35)=1",
  },
  {
    name: "windows that begin and end with events are not among them",
    from: ["kafka-sliding-windows"],
    window: hopping(ms(5_000), ms(5_000)),
    in: "a@8000 a@9200 a@12400 end",
    gives: "3> a[5000,10000)=1+2; 4> a[10000,15000)=3",
    differs: {
      kafka: {
        by: "sliding-by-event",
        says: "SlidingWindows of 5000: [3000;8000]=1 [4200;9200]=1+2 [7400;12400]=1+2+3 [8001;13001]=2+3 [9201;14201]=3",
      },
    },
  },
  {
    name: "keys share no window",
    from: ["beam-sliding"],
    window: BY_FIVE,
    in: "a@12 b@13 end",
    gives: "3> a[5,15)=1; 3> b[5,15)=2; 3> a[10,20)=1; 3> b[10,20)=2",
  },
  {
    name: "a jump of the watermark closes windows in the order of time",
    from: ["flink-results"],
    window: BY_FIVE,
    in: "a@7 a@100 end",
    gives: "2> a[0,10)=1; 2> a[5,15)=1; 3> a[95,105)=2; 3> a[100,110)=2",
  },
];
