------------------------------- MODULE Stage -------------------------------
(***************************************************************************)
(* How a stage of Millrace takes each record of a source stream exactly    *)
(* once: commit, fence, publish, reshard, truncate. docs/design.md says    *)
(* it in words in its sections 4 and 5. The lines above each action name   *)
(* the functions that implement it.                                        *)
(*                                                                         *)
(* A worker is an invocation in a Lambda environment. Every await of the   *)
(* code is a step here, and any worker may take its next step as late as   *)
(* it likes: one that goes on after others have done its work is a zombie, *)
(* and needs no action of its own.                                         *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
    Workers,
    Partitions,
    Content,        \* by shard: the partition of each of its records, the oldest first
    Parents,        \* the shards that are there from the start; the others come with the reshard
    MaxFaults,      \* how often a worker may die, or a call may fail for good
    Cut,            \* a commit may take a part of a batch, and the next one the rest
    Snapshots,      \* the partitions that take snapshots, and truncate
    MaxResets,      \* how often the mapping may be deleted and made anew at TRIM_HORIZON
    \* The rules. Each variant breaks one.
    Fence,          \* "conditional"; "none": puts whatever is there; "ignored": a lost race counts as won
    PublishFirst,   \* outputs go out before their entry is put
    Republish,      \* who catches up publishes the last entry again
    SnapshotFirst,  \* a snapshot is taken before the outputs of its last entry went out
    KeepEntries,    \* an entry outlives every worker that could still put one in its place
    KeepLast,       \* the last entry is never truncated
    PositionByShard,\* sequence numbers are compared within their shard only
    ViewsByVersion, \* a view's row is written over a lower version only
    AnswerWhenDone  \* the mapping is answered when the batch is in the log

ASSUME Fence \in {"conditional", "none", "ignored"}

Shards == DOMAIN Content

VARIABLES
    split,      \* whether the stream was resharded
    checkpoint, \* by shard: how far the mapping believes it has got
    log,        \* by partition: the entries as they were put, those too that are truncated by now
    present,    \* by partition: the versions that the table still holds
    snapshot,   \* by partition: the version of the newest snapshot; 0: none
    sent,       \* what went out: [p, v, entry]; the stream may hold it in any order, and more than once
    view,       \* by partition: the version that a row of a view has
    worker,     \* what each worker does
    faults, resets

vars == <<split, checkpoint, log, present, snapshot, sent, view, worker, faults, resets>>
stream == <<split, checkpoint>>
store == <<log, present, snapshot>>
effects == <<sent, view>>
counts == <<faults, resets>>

Max(set) == CHOOSE x \in set : \A y \in set : y <= x

NoTask == [at |-> "none"]
Idle == [shard |-> "", to |-> 0, task |-> [p \in Partitions |-> NoTask]]
Nowhere == [s \in Shards |-> 0]

Init ==
    /\ split = FALSE
    /\ checkpoint = Nowhere
    /\ log = [p \in Partitions |-> <<>>]
    /\ present = [p \in Partitions |-> {}]
    /\ snapshot = [p \in Partitions |-> 0]
    /\ sent = {}
    /\ view = [p \in Partitions |-> 0]
    /\ worker = [w \in Workers |-> Idle]
    /\ faults = 0 /\ resets = 0

----------------------------------------------------------------------------
\* The stream and its event source mapping.

Open(s) == s \in Parents \/ split

\* Records of partition p in shard s, after `from` and up to `to`.
\* Worked out once.
AllPieces == [p \in Partitions |-> [s \in Shards |-> [from \in 0..Len(Content[s]) |-> [to \in 0..Len(Content[s]) |->
    {<<s, i>> : i \in {j \in (from + 1)..to : Content[s][j] = p}}]]]]
Pieces(p, s, from, to) == AllPieces[p][s][from][to]

\* local/sources/shard-reader.ts#run, functions/aws/kinesis-batch.ts#kinesisHandler, shared/protocol/stage-loop.ts#run.
\* Any part of what is behind the checkpoint goes to any worker that is free: while an earlier worker may still be at
\* the same, in other pieces, and from a child before its parent is finished.
Deliver(w, s) ==
    /\ worker[w] = Idle
    /\ Open(s)
    /\ \E to \in (checkpoint[s] + 1)..Len(Content[s]) :
        LET concerned == {Content[s][i] : i \in (checkpoint[s] + 1)..to} IN
        worker' = [worker EXCEPT ![w] =
            [shard |-> s, to |-> to,
             task |-> [p \in Partitions |-> IF p \in concerned THEN [at |-> "start"] ELSE NoTask]]]
    /\ UNCHANGED <<stream, store, effects, counts>>

\* functions/aws/kinesis-batch.ts#kinesisHandler, local/sources/batch-response.ts#readBatchResponse.
\* The answer: the first record of a partition that failed, or none. The mapping goes on from there.
Answer(w) ==
    LET me == worker[w]
        failed == {p \in Partitions : me.task[p].at = "failed"}
        firsts == UNION {{x[2] : x \in Pieces(p, me.shard, 0, me.to)} : p \in failed}
        upTo == IF firsts = {} THEN me.to ELSE Max({n \in 0..me.to : \A f \in firsts : n < f})
    IN
    /\ me # Idle
    /\ AnswerWhenDone => \A p \in Partitions : me.task[p].at \in {"none", "settled", "failed"}
    /\ checkpoint' = [checkpoint EXCEPT ![me.shard] = IF @ < upTo THEN upTo ELSE @]
    /\ worker' = [worker EXCEPT ![w] = Idle]
    /\ UNCHANGED <<split, store, effects, counts>>

\* local/sources/kinesis-checkpoint.ts#startingCheckpoint.
\* The mapping is deleted and made anew at TRIM_HORIZON: its position is never trusted.
Reset(s) ==
    /\ resets < MaxResets
    /\ checkpoint[s] > 0
    /\ checkpoint' = [checkpoint EXCEPT ![s] = 0]
    /\ resets' = resets + 1
    /\ UNCHANGED <<split, store, effects, worker, faults>>

\* local/models/kinesis/reshard.ts#splitShard. The parents are closed, their children opened.
Reshard ==
    /\ ~split /\ Parents # Shards
    /\ split' = TRUE
    /\ UNCHANGED <<checkpoint, store, effects, worker, counts>>

----------------------------------------------------------------------------
\* A worker at one partition of its batch: shared/protocol/partition.ts#process.

At(w, p, phase) == worker[w].task[p].at = phase
Goto(w, p, task) == worker' = [worker EXCEPT ![w].task[p] = task]

PositionsAt(p, v) == IF v = 0 THEN Nowhere ELSE log[p][v].positions

\* A replica as of version v. `owes`: its last entry's outputs are not known to have gone out.
Replica(p, v, owes) == [at |-> "read", v |-> v, positions |-> PositionsAt(p, v), owes |-> owes /\ Republish]

\* What the table holds behind version u, and whether something is missing there.
After(p, u) == {v \in present[p] : v > u}
Gap(p, u) == LET items == After(p, u) IN items # (u + 1)..(u + Cardinality(items))

\* shared/protocol/replica.ts#refresh.
\* Warm: one consistent read of the entries after those that it knows. A warm environment may be of any age u: there
\* were as many as one likes. It owes the outputs of an entry that it has only read; those of its own last entry it
\* may know to be out, where they are.
Refresh(w, p) ==
    /\ At(w, p, "start")
    /\ \E u \in 0..Len(log[p]) :
        /\ ~Gap(p, u)
        /\ LET v == Max(After(p, u) \cup {u}) IN
           Goto(w, p, Replica(p, v, v > 0 /\ (v > u \/ [p |-> p, v |-> v, entry |-> log[p][v]] \notin sent)))
    /\ UNCHANGED <<stream, store, effects, counts>>

\* shared/protocol/replica.ts#restore, functions/aws/commit-log.ts#snapshot.
\* Cold, or warm and behind a gap: the pointer to the newest snapshot is read first …
ReadSnapshot(w, p) ==
    /\ At(w, p, "start")
    /\ snapshot[p] > 0
    /\ Goto(w, p, [at |-> "restoring", v |-> snapshot[p]])
    /\ UNCHANGED <<stream, store, effects, counts>>

\* shared/protocol/replica.ts#restore, functions/aws/commit-log.ts#readAfter.
\* … and then the entries after it. With none after it, nothing is published again: a snapshot comes after the
\* outputs of its version. A gap now means that another one has truncated: LOG_GAP, the batch comes again.
Restore(w, p) ==
    /\ At(w, p, "restoring")
    /\ LET u == worker[w].task[p].v
           v == Max(After(p, u) \cup {u})
       IN Goto(w, p, IF Gap(p, u) THEN [at |-> "start"] ELSE Replica(p, v, v > u))
    /\ UNCHANGED <<stream, store, effects, counts>>

\* shared/protocol/publish.ts#publishEntry: one step, since all that it writes has a name or a version from the entry.
Out(p, v, entry) ==
    /\ sent' = sent \cup {[p |-> p, v |-> v, entry |-> entry]}
    /\ view' = [view EXCEPT ![p] = IF ViewsByVersion /\ v < @ THEN @ ELSE v]

\* shared/protocol/partition.ts#publishAgain.
PublishAgain(w, p) ==
    LET task == worker[w].task[p] IN
    /\ At(w, p, "read") /\ task.owes
    /\ Out(p, task.v, log[p][task.v])
    /\ Goto(w, p, [task EXCEPT !.owes = FALSE])
    /\ UNCHANGED <<stream, store, counts>>

Known(task, s) == IF PositionByShard THEN task.positions[s] ELSE Max({task.positions[t] : t \in Shards})

\* shared/protocol/partition.ts#sift, shared/protocol/inbox.ts#shard: what of the batch is after the position.
Taken(w, p) ==
    LET me == worker[w]
        known == Known(me.task[p], me.shard)
    IN IF known > me.to THEN {} ELSE Pieces(p, me.shard, known, me.to)

\* shared/protocol/partition.ts#firstPart: a long batch is cut into commits.
Parts(taken) == IF ~Cut THEN {taken} \ {{}} ELSE {part \in SUBSET taken :
    part # {} /\ \A x \in part : \A y \in taken : y[2] < x[2] => y \in part}

Entry(w, p, part) ==
    LET me == worker[w] IN
    [taken |-> part, positions |-> [me.task[p].positions EXCEPT ![me.shard] = Max({x[2] : x \in part})]]

\* shared/protocol/partition.ts#process: nothing of the batch is new.
Skip(w, p) ==
    /\ At(w, p, "read") /\ ~worker[w].task[p].owes
    /\ Taken(w, p) = {}
    /\ Goto(w, p, [at |-> "settled"])
    /\ UNCHANGED <<stream, store, effects, counts>>

\* No function does this: only the variant that publishes first.
PublishEarly(w, p) ==
    LET task == worker[w].task[p] IN
    /\ PublishFirst
    /\ At(w, p, "read") /\ ~task.owes
    /\ \E part \in Parts(Taken(w, p)) :
        /\ Out(p, task.v + 1, Entry(w, p, part))
        /\ Goto(w, p, [at |-> "early", v |-> task.v, positions |-> task.positions, part |-> part])
    /\ UNCHANGED <<stream, store, counts>>

\* functions/aws/commit-log.ts#append: attribute_not_exists.
Free(p, v) == v \notin present[p]

\* Where one stands, or stood, it is replaced: that is a fork.
Write(p, v, entry) ==
    /\ log' = [log EXCEPT ![p] = IF v > Len(@) THEN Append(@, entry) ELSE [@ EXCEPT ![v] = entry]]
    /\ present' = [present EXCEPT ![p] = @ \cup {v}]
    /\ UNCHANGED snapshot

\* What a worker may put now.
Drafts(w, p) ==
    IF PublishFirst
    THEN IF At(w, p, "early") THEN {worker[w].task[p].part} ELSE {}
    ELSE IF At(w, p, "read") /\ ~worker[w].task[p].owes THEN Parts(Taken(w, p)) ELSE {}

\* shared/protocol/partition.ts#commit, functions/aws/commit-log.ts#append.
\* Won. An answer that is lost, so that the put is tried again and finds its own nonce, is an answer that comes late.
Commit(w, p) ==
    LET task == worker[w].task[p] IN
    /\ \E part \in Drafts(w, p) :
        LET entry == Entry(w, p, part) IN
        /\ \/ Fence = "none" /\ Write(p, task.v + 1, entry)
           \/ Fence # "none" /\ Free(p, task.v + 1) /\ Write(p, task.v + 1, entry)
           \/ Fence = "ignored" /\ ~Free(p, task.v + 1) /\ UNCHANGED store
        /\ Goto(w, p, [at |-> "committed", v |-> task.v + 1, entry |-> entry,
                       all |-> part = Taken(w, p)])
    /\ UNCHANGED <<stream, effects, counts>>

\* shared/protocol/partition.ts#commit. Lost: the journal takes all back, and the loop begins anew.
LoseRace(w, p) ==
    /\ Fence = "conditional"
    /\ Drafts(w, p) # {} /\ ~Free(p, worker[w].task[p].v + 1)
    /\ Goto(w, p, [at |-> "start"])
    /\ UNCHANGED <<stream, store, effects, counts>>

\* What is left of the batch is for another commit.
Settled(task) == IF task.all THEN [at |-> "settled"] ELSE [at |-> "start"]

\* shared/protocol/partition.ts#commit, shared/protocol/publish.ts#publishEntry. The outputs follow the commit.
Publish(w, p) ==
    LET task == worker[w].task[p] IN
    /\ At(w, p, "committed")
    /\ Out(p, task.v, task.entry)
    /\ \/ Goto(w, p, Settled(task))
       \/ p \in Snapshots /\ ~SnapshotFirst /\ Goto(w, p, [at |-> "due", v |-> task.v, all |-> task.all])
    /\ UNCHANGED <<stream, store, counts>>

\* A worker that read the log before an entry was written, and may put it still. KEEP in snapshot-policy.ts is a
\* day, in which every invocation has ended.
MayPutBefore(v) == {<<w, p>> \in Workers \X Partitions :
    /\ worker[w].task[p].at \in {"read", "early"}
    /\ worker[w].task[p].v < v}

\* functions/aws/commit-log.ts#truncate.
Old(p, upTo) == {v \in present[p] :
    /\ v <= upTo
    /\ KeepLast => v < Max(present[p])
    /\ KeepEntries => ~ \E pair \in MayPutBefore(v) : pair[2] = p}

\* shared/protocol/snapshot-policy.ts#snapshotIfDue, functions/aws/commit-log.ts#recordSnapshot.
\* The pointer never goes back. To die between the two writes is to take a snapshot and to truncate nothing.
Snapshot(w, p) ==
    LET task == worker[w].task[p] IN
    /\ \/ At(w, p, "due") /\ Goto(w, p, Settled(task))
       \/ p \in Snapshots /\ SnapshotFirst /\ At(w, p, "committed") /\ snapshot[p] < task.v /\ UNCHANGED worker
    /\ snapshot' = [snapshot EXCEPT ![p] = IF @ < task.v THEN task.v ELSE @]
    /\ \/ UNCHANGED present
       \/ present' = [present EXCEPT ![p] = @ \ Old(p, task.v)]
    /\ UNCHANGED <<stream, log, effects, counts>>

\* shared/protocol/stage-loop.ts#settle.
\* A call fails for good: this partition's records come again, those of others need not.
Fail(w, p) ==
    /\ faults < MaxFaults
    /\ worker[w].task[p].at \notin {"none", "settled", "failed"}
    /\ Goto(w, p, [at |-> "failed"])
    /\ faults' = faults + 1
    /\ UNCHANGED <<stream, store, effects, resets>>

\* local/simulator/chaos/world.ts#crash. The process dies, at any await. What it has put or sent stays.
Crash(w) ==
    /\ faults < MaxFaults
    /\ worker[w] # Idle
    /\ worker' = [worker EXCEPT ![w] = Idle]
    /\ faults' = faults + 1
    /\ UNCHANGED <<stream, store, effects, resets>>

----------------------------------------------------------------------------
Step(w) ==
    \/ \E s \in Shards : Deliver(w, s)
    \/ \E p \in Partitions :
        \/ Refresh(w, p) \/ ReadSnapshot(w, p) \/ Restore(w, p) \/ PublishAgain(w, p)
        \/ Skip(w, p) \/ PublishEarly(w, p) \/ Commit(w, p) \/ LoseRace(w, p) \/ Publish(w, p) \/ Snapshot(w, p)
    \/ Answer(w)

Next ==
    \/ \E w \in Workers : Step(w) \/ Crash(w) \/ \E p \in Partitions : Fail(w, p)
    \/ \E s \in Shards : Reset(s)
    \/ Reshard

Symmetric == Permutations(Workers)

Spec == Init /\ [][Next]_vars

\* Whoever can go on does so in the end: an invocation ends, and the mapping delivers what is not answered for. Faults
\* and resets come to an end since they are counted.
FairSpec == Spec /\ WF_vars(Reshard) /\ \A w \in Workers : WF_vars(Step(w))

----------------------------------------------------------------------------
\* Safety.

RecordsOf(p) == UNION {Pieces(p, s, 0, Len(Content[s])) : s \in Shards}
TakenUpTo(p, n) == UNION {log[p][v].taken : v \in 1..n}

\* "The log is the lock": an entry never replaces another.
NoFork == [][\A p \in Partitions : \A v \in DOMAIN log[p] : v \in DOMAIN log'[p] /\ log'[p][v] = log[p][v]]_log

\* "Drop what is at or before the position, take the rest": no record is in two entries.
TakenOnce == \A p \in Partitions : \A v, u \in DOMAIN log[p] : v # u => log[p][v].taken \cap log[p][u].taken = {}

\* Per shard, a partition's records are taken in their order, and none is left out.
InOrder ==
    \A p \in Partitions : \A v \in DOMAIN log[p] : \A x \in log[p][v].taken :
        Pieces(p, x[1], 0, x[2]) \subseteq TakenUpTo(p, v)

\* "Effects follow the commit": what went out is what an entry says, under that entry's version.
EffectsFollowCommit ==
    \A frame \in sent : frame.v \in DOMAIN log[frame.p] /\ frame.entry = log[frame.p][frame.v]

\* "v+1 may not commit before the outputs of v were acknowledged."
NoHole == \A p \in Partitions : \A v \in 1..(Len(log[p]) - 1) : \E frame \in sent : frame.p = p /\ frame.v = v

\* What Channel builds on, with EffectsFollowCommit: a frame goes out first after the one before it.
SentInOrder == \A frame \in sent : frame.v > 1 => \E other \in sent : other.p = frame.p /\ other.v = frame.v - 1

\* The mapping goes on only behind what is in the log.
NothingSkipped ==
    \A s \in Shards : \A i \in 1..checkpoint[s] :
        <<s, i>> \in TakenUpTo(Content[s][i], Len(log[Content[s][i]]))

\* "A row is written over a lower version only": it never goes back.
ViewsGoOn == [][\A p \in Partitions : view'[p] >= view[p]]_view

\* Liveness: in the end every record is in the log and all outputs are out, the newest ones in the views.
AllArrive ==
    <>[](\A p \in Partitions :
            LET n == Len(log[p]) IN
            /\ TakenUpTo(p, n) = RecordsOf(p)
            /\ \A v \in 1..n : \E frame \in sent : frame.p = p /\ frame.v = v
            /\ view[p] = n)
----------------------------------------------------------------------------
\* The sizes that TLC is given. Shard a is split: b has the first partition's records from then on, c the second's.
TwoPartitions == [a |-> <<1, 2>>, b |-> <<1, 1>>, c |-> <<2, 2>>]
TwoPartitionsOfTwo == [a |-> <<1, 2>>, b |-> <<1>>, c |-> <<2>>]
OnePartition == [a |-> <<1>>, b |-> <<1, 1>>]
=============================================================================
