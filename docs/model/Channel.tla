------------------------------ MODULE Channel ------------------------------
(***************************************************************************)
(* How a partition of the next stage takes each frame exactly once and in  *)
(* the order of its channel, out of an internal stream in which frames     *)
(* come twice, late, from zombies, and out of a child before its parent.   *)
(* docs/design.md, section 4: dense counters.                              *)
(*                                                                         *)
(* Of the stage before, this builds on two things that Stage.tla is        *)
(* checked for: EffectsFollowCommit, so that a counter always stands for   *)
(* the same frame, and SentInOrder. The workers are those of Stage in      *)
(* fewer steps: what is different here is how a position is compared.      *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
    Workers,
    Partitions,     \* of the stage before: each has one channel to the partition that is looked at
    Entries,        \* that each of them commits
    MaxCopies,      \* how often a frame may be published once more
    MaxFaults, MaxResets,
    \* The rules. Each variant breaks one.
    SentInOrder,    \* a frame goes out first after the one before it, as Stage promises
    DropsSeen,      \* a counter at or before the position is dropped
    StopsAtGap,     \* a counter behind the next one is left for later
    ReportsGap      \* the batch is answered with the gap as its first failed record

VARIABLES
    shards,         \* the internal stream: its first shard, and the one that takes its place
    split,
    checkpoint,     \* of the event source mapping, by shard
    taken,          \* by channel: the counters that the partition's log says were taken
    worker,
    copies, faults, resets

vars == <<shards, split, checkpoint, taken, worker, copies, faults, resets>>
before == <<shards, copies>>
mapping == <<split, checkpoint>>

Shards == {1, 2}
Sent(p) == {c \in 1..Entries : \E s \in Shards : \E i \in DOMAIN shards[s] : shards[s][i] = <<p, c>>}
Idle == [at |-> "idle"]

Init ==
    /\ shards = [s \in Shards |-> <<>>]
    /\ split = FALSE
    /\ checkpoint = [s \in Shards |-> 0]
    /\ taken = [p \in Partitions |-> <<>>]
    /\ worker = [w \in Workers |-> Idle]
    /\ copies = 0 /\ faults = 0 /\ resets = 0

----------------------------------------------------------------------------
\* The stage before: Stage.tla is checked to do nothing else.

\* functions/aws/streams.ts#kinesisStreams, shared/protocol/outbox.ts#unpack.
\* The same frame under the same counter, by whoever committed it, by a successor, or by a zombie at any later time.
Send(p, counter) ==
    /\ IF counter \in Sent(p)
       THEN copies < MaxCopies /\ copies' = copies + 1
       ELSE (SentInOrder => counter = Cardinality(Sent(p)) + 1) /\ UNCHANGED copies
    /\ shards' = [shards EXCEPT ![IF split THEN 2 ELSE 1] = Append(@, <<p, counter>>)]
    /\ UNCHANGED <<mapping, taken, worker, faults, resets>>

\* local/models/kinesis/reshard.ts#splitShard. What is sent from now on goes to the second shard.
Reshard ==
    /\ ~split
    /\ split' = TRUE
    /\ UNCHANGED <<before, checkpoint, taken, worker, faults, resets>>

----------------------------------------------------------------------------
\* The mapping and the workers, as in Stage.

Positions == [p \in Partitions |-> Len(taken[p])]

Read(s, from, to) == [at |-> "read", shard |-> s, from |-> from, to |-> to, positions |-> Positions]

\* local/sources/shard-reader.ts#run, shared/protocol/replica.ts#refresh.
\* From either shard: from a child before its parent too.
Deliver(w, s) ==
    /\ worker[w] = Idle
    /\ \E to \in (checkpoint[s] + 1)..Len(shards[s]) :
        worker' = [worker EXCEPT ![w] = Read(s, checkpoint[s], to)]
    /\ UNCHANGED <<before, mapping, taken, faults, resets>>

\* shared/protocol/inbox.ts#channel.
Verdict(positions, counter, p) ==
    IF counter = positions[p] + 1 THEN "take"
    ELSE IF counter <= positions[p]
         THEN IF DropsSeen THEN "drop" ELSE "take"
         ELSE IF StopsAtGap THEN "gap" ELSE "take"

\* shared/protocol/partition.ts#sift: the frames to take in their order, and the place where it stops.
RECURSIVE Sift(_, _, _, _, _)
Sift(s, at, to, positions, part) ==
    IF at > to THEN [part |-> part, stop |-> to]
    ELSE LET frame == shards[s][at]
             verdict == Verdict(positions, frame[2], frame[1])
         IN IF verdict = "gap" THEN [part |-> part, stop |-> IF ReportsGap THEN at - 1 ELSE to]
            ELSE IF verdict = "drop" THEN Sift(s, at + 1, to, positions, part)
            ELSE Sift(s, at + 1, to, [positions EXCEPT ![frame[1]] = frame[2]], Append(part, frame))

Sifted(me) == Sift(me.shard, me.from + 1, me.to, me.positions, <<>>)

Of(p, part) == LET Mine(frame) == frame[1] = p IN
    LET frames == SelectSeq(part, Mine) IN [i \in 1..Len(frames) |-> frames[i][2]]

\* The answer: the gap as the first failed record, or none.
Answer(w, stop) ==
    /\ worker' = [worker EXCEPT ![w] = Idle]
    /\ checkpoint' = [checkpoint EXCEPT ![worker[w].shard] = IF @ < stop THEN stop ELSE @]

\* shared/protocol/partition.ts#process, functions/aws/commit-log.ts#append,
\* functions/aws/kinesis-batch.ts#kinesisHandler.
\* The fence: nobody has gone on since the log was read. To die before the answer is an action of its own.
Commit(w) ==
    LET me == worker[w]
        sifted == Sifted(me)
    IN
    /\ me.at = "read"
    /\ sifted.part = <<>> \/ me.positions = Positions
    /\ Answer(w, sifted.stop)
    /\ taken' = [p \in Partitions |-> taken[p] \o Of(p, sifted.part)]
    /\ UNCHANGED <<before, split, faults, resets>>

\* shared/protocol/partition.ts#commit, shared/protocol/replica.ts#refresh. Lost: the log is read again.
LoseRace(w) ==
    LET me == worker[w] IN
    /\ me.at = "read"
    /\ Sifted(me).part # <<>> /\ me.positions # Positions
    /\ worker' = [worker EXCEPT ![w] = Read(me.shard, me.from, me.to)]
    /\ UNCHANGED <<before, mapping, taken, faults, resets>>

\* local/simulator/chaos/world.ts#crash. The process dies before the put, or after it and before the answer.
Crash(w) ==
    LET me == worker[w]
        sifted == Sifted(me)
    IN
    /\ faults < MaxFaults
    /\ me.at = "read"
    /\ \/ UNCHANGED taken
       \/ me.positions = Positions /\ taken' = [p \in Partitions |-> taken[p] \o Of(p, sifted.part)]
    /\ faults' = faults + 1
    /\ worker' = [worker EXCEPT ![w] = Idle]
    /\ UNCHANGED <<before, mapping, resets>>

\* local/sources/kinesis-checkpoint.ts#startingCheckpoint. The mapping is deleted and made anew at TRIM_HORIZON.
Reset(s) ==
    /\ resets < MaxResets
    /\ checkpoint[s] > 0
    /\ resets' = resets + 1
    /\ checkpoint' = [checkpoint EXCEPT ![s] = 0]
    /\ UNCHANGED <<before, split, taken, worker, faults>>

----------------------------------------------------------------------------
Next ==
    \/ \E p \in Partitions : \E counter \in 1..Entries : Send(p, counter)
    \/ Reshard
    \/ \E w \in Workers : Commit(w) \/ LoseRace(w) \/ Crash(w) \/ \E s \in Shards : Deliver(w, s)
    \/ \E s \in Shards : Reset(s)

Symmetric == Permutations(Workers) \cup Permutations(Partitions)

Spec == Init /\ [][Next]_vars

\* An invocation ends; the stage before commits, and sends what it has committed; and each shard has a reader of its
\* own, which gets a worker again and again where it has something to deliver.
FairSpec ==
    /\ Spec
    /\ \A p \in Partitions :
        \A counter \in 1..Entries : WF_vars(counter \notin Sent(p) /\ Send(p, counter))
    /\ \A w \in Workers : WF_vars(Commit(w) \/ LoseRace(w))
    /\ \A s \in Shards : SF_vars(\E w \in Workers : Deliver(w, s))

----------------------------------------------------------------------------
\* Safety.

\* "Drop what is at or before the position, take the rest; a gap means that an earlier frame is still to come": the
\* counters taken from a channel are 1, 2, 3 …, each once, in that order.
EachOnceInOrder == \A p \in Partitions : taken[p] = [i \in 1..Len(taken[p]) |-> i]

\* The mapping goes on only behind what was taken.
NothingSkipped == \A s \in Shards : \A i \in 1..checkpoint[s] : shards[s][i][2] <= Len(taken[shards[s][i][1]])

\* Within a shard, the first copy of a frame is behind the first of the one before, or that one is in the parent: a
\* shard that stops at a gap does not wait for what is behind the gap in the same shard.
GapFillsFromBefore ==
    \A s \in Shards : \A i \in 1..Len(shards[s]) :
        shards[s][i][2] > 1 => \E t \in Shards : \E j \in 1..Len(shards[t]) :
            /\ shards[t][j] = <<shards[s][i][1], shards[s][i][2] - 1>>
            /\ t < s \/ (t = s /\ j < i)

\* Liveness: every frame of every channel is taken.
AllTaken == <>[](\A p \in Partitions : Len(taken[p]) = Entries)
=============================================================================
