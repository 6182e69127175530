import { days, type EpochMs, plus } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";

const DAY = days(1);

/** A rule of a bucket's lifecycle configuration; storage classes, versions and tags are not modelled. */
export type LifecycleRule = {
  readonly ID?: string | undefined;
  readonly Status: "Enabled" | "Disabled";
  /** All parts of it must hold; it takes everything where it is left out. */
  readonly Filter?:
    | {
        readonly Prefix?: string | undefined;
        /** Bytes, both exclusive; of no use where uploads are aborted. */
        readonly ObjectSizeGreaterThan?: number | undefined;
        readonly ObjectSizeLessThan?: number | undefined;
      }
    | undefined;
  readonly Expiration?:
    | { readonly Days?: number | undefined; readonly Date?: EpochMs | undefined }
    | undefined;
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number } | undefined;
};

/** When a rule acts, and the rule's id. */
export type DueDate = { readonly at: EpochMs; readonly ruleId: string };

/** The midnight UTC that follows, at which rules act. */
export const midnightAfter = (at: EpochMs): EpochMs => ((Math.floor(at / DAY) + 1) * DAY) as EpochMs;

/**
 * What becomes of objects and uploads by a bucket's rules. S3 adds a rule's days to the time of creation and takes the
 * next midnight UTC: 3 days from 15 January 10:30 are over on 19 January 00:00.
 * Source: "Lifecycle configuration elements", Amazon S3 User Guide.
 */
export class Lifecycle {
  readonly rules: readonly LifecycleRule[];

  constructor(rules: readonly LifecycleRule[]) {
    for (const rule of rules) check(rule);
    const ids = rules.flatMap(({ ID }) => ID ?? []);
    if (new Set(ids).size < ids.length)
      throw new ServiceError(
        "InvalidArgument",
        "Rule ID must be unique. Found same ID for more than one rule",
      );
    this.rules = rules;
  }

  expirationOf(key: string, size: number, createdAt: EpochMs): DueDate | undefined {
    return this.#earliest(({ Filter: filter = {}, Expiration: expiration }) => {
      const { Prefix = "", ObjectSizeGreaterThan: more = -1, ObjectSizeLessThan: less = Infinity } = filter;
      if (expiration === undefined || !key.startsWith(Prefix) || size <= more || size >= less)
        return undefined;
      const { Days, Date: date } = expiration;
      if (Days !== undefined) return midnightAfter(plus(createdAt, days(Days)));
      return date === undefined ? undefined : (Math.max(date, midnightAfter(createdAt)) as EpochMs);
    });
  }

  abortionOf(key: string, initiatedAt: EpochMs): DueDate | undefined {
    return this.#earliest(({ Filter: filter = {}, AbortIncompleteMultipartUpload: abort }) =>
      abort === undefined || !key.startsWith(filter.Prefix ?? "")
        ? undefined
        : midnightAfter(plus(initiatedAt, days(abort.DaysAfterInitiation))),
    );
  }

  #earliest(dueBy: (rule: LifecycleRule) => EpochMs | undefined): DueDate | undefined {
    let earliest: DueDate | undefined;
    for (const rule of this.rules) {
      const at = rule.Status === "Enabled" ? dueBy(rule) : undefined;
      if (at !== undefined && at < (earliest?.at ?? Infinity)) earliest = { at, ruleId: rule.ID ?? "" };
    }
    return earliest;
  }
}

function check({
  Status,
  Expiration: expiration,
  AbortIncompleteMultipartUpload: abort,
}: LifecycleRule): void {
  if (Status !== "Enabled" && Status !== "Disabled")
    throw new ServiceError("MalformedXML", `"${Status}" is no status of a lifecycle rule`);
  if (expiration === undefined && abort === undefined)
    throw new ServiceError("InvalidRequest", "At least one action needs to be specified in a rule");
  for (const count of [expiration?.Days, abort?.DaysAfterInitiation])
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
      throw new ServiceError("InvalidArgument", "A lifecycle rule's days must be a positive integer");
  if (expiration?.Date !== undefined && expiration.Date % DAY !== 0)
    throw new ServiceError("InvalidArgument", "'Date' must be at midnight GMT");
}
