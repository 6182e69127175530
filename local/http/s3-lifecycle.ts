import { isoOf, parseTime } from "../../shared/time/clock.ts";
import type { LifecycleRule } from "../models/s3/lifecycle.ts";
import { notImplemented } from "./s3-answer.ts";
import { childOf, childrenOf, malformed, type XmlContent, type XmlElement } from "./xml.ts";

/** Elements of a rule that are modelled, at any depth. */
const KNOWN = new Set([
  "ID",
  "Status",
  "Prefix",
  "Filter",
  "And",
  "ObjectSizeGreaterThan",
  "ObjectSizeLessThan",
  "Expiration",
  "Days",
  "Date",
  "AbortIncompleteMultipartUpload",
  "DaysAfterInitiation",
]);

/** Reads a LifecycleConfiguration. Throws MalformedXML, and NotImplemented for transitions, versions and tags. */
export const lifecycleRules = (document: XmlElement): readonly LifecycleRule[] =>
  childrenOf(document, "Rule").map((rule) => {
    checkKnown(rule);
    const filter = childOf(rule, "Filter");
    const parts = childOf(filter, "And") ?? filter;
    const expiration = childOf(rule, "Expiration");
    const abort = childOf(rule, "AbortIncompleteMultipartUpload");
    return {
      ID: childOf(rule, "ID")?.text,
      Status: statusOf(childOf(rule, "Status")?.text),
      Filter: {
        Prefix: childOf(parts, "Prefix")?.text ?? childOf(rule, "Prefix")?.text,
        ObjectSizeGreaterThan: numberOf(parts, "ObjectSizeGreaterThan"),
        ObjectSizeLessThan: numberOf(parts, "ObjectSizeLessThan"),
      },
      Expiration: expiration && {
        Days: numberOf(expiration, "Days"),
        Date: parseTime(childOf(expiration, "Date")?.text),
      },
      AbortIncompleteMultipartUpload: abort && {
        DaysAfterInitiation: numberOf(abort, "DaysAfterInitiation") ?? Number.NaN,
      },
    };
  });

/** A rule as GetBucketLifecycleConfiguration gives it back. */
export function lifecycleElements(rule: LifecycleRule): XmlContent {
  const { ID, Status, Filter: filter = {}, Expiration: expiration, AbortIncompleteMultipartUpload } = rule;
  const isBoth = Object.values(filter).filter((value) => value !== undefined).length > 1;
  return {
    ID,
    Filter: isBoth ? { And: filter } : filter,
    Status,
    Expiration: expiration && {
      Days: expiration.Days,
      Date: expiration.Date === undefined ? undefined : isoOf(expiration.Date),
    },
    AbortIncompleteMultipartUpload,
  };
}

function checkKnown(element: XmlElement): void {
  for (const child of element.children) {
    if (!KNOWN.has(child.name)) throw notImplemented(`lifecycle element ${child.name}`);
    checkKnown(child);
  }
}

function statusOf(text: string | undefined): "Enabled" | "Disabled" {
  if (text === "Enabled" || text === "Disabled") return text;
  throw malformed();
}

function numberOf(parent: XmlElement | undefined, name: string): number | undefined {
  const text = childOf(parent, name)?.text;
  return text === undefined ? undefined : Number(text);
}
