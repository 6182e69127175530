import { MillraceError } from "../../shared/errors/millrace-error.ts";

/** A policy that IAM itself would not take. @param where - its place in the template, by logical id */
export const invalid = (where: string, what: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", `${where} ${what}`, { next: "refused" });

/** A policy that says more than is modelled: to run without that part of it would be to pretend. */
export const unsupported = (where: string, what: string): MillraceError =>
  new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", `${where} ${what}`, { next: "refused" });
