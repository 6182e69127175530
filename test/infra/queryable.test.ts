import { expect, test } from "vitest";
import { queryablePlan } from "./sample-plan.ts";
import { propertiesOf, templateOf } from "./synth.ts";

type Statement = { readonly Action: string | readonly string[]; readonly Resource: unknown };
type Policy = { readonly PolicyDocument: { readonly Statement: readonly Statement[] } };
type Path = { readonly PathPart: string };

const rightsOf = (template: ReturnType<typeof templateOf>): string[] =>
  propertiesOf<Policy>(template, "AWS::IAM::Policy")
    .filter(([id]) => id.startsWith("QueryRole"))
    .flatMap(([, { PolicyDocument }]) =>
      PolicyDocument.Statement.map(({ Action, Resource }) => {
        const resource = JSON.stringify(Resource);
        const places = ["StorageLog", "/log/*", "/snapshots/*"].filter((place) => resource.includes(place));
        return `${[Action].flat().join(" ")}: ${places.join(" ")}`;
      }),
    )
    .filter((right) => !right.endsWith(": "));
const pathsOf = (template: ReturnType<typeof templateOf>): string[] =>
  propertiesOf<Path>(template, "AWS::ApiGateway::Resource").map(([, { PathPart }]) => PathPart);

test("an application without queryable state has no path for it, and its query function no right to logs", () => {
  const template = templateOf();
  expect(rightsOf(template)).toEqual([]);
  expect(pathsOf(template)).not.toContain("state");
});

test("one with queryable state has the paths, and the right to read logs and snapshots, and no more", () => {
  const template = templateOf({ plan: queryablePlan });
  expect(rightsOf(template)).toEqual([
    "dynamodb:GetItem dynamodb:Query: StorageLog",
    "s3:GetObject: /log/* /snapshots/*",
  ]);
  expect(pathsOf(template)).toEqual(expect.arrayContaining(["state", "{pipeline}", "{operator}", "{key}"]));
});
