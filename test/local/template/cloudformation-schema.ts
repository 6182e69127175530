import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

type Schema = {
  readonly schema: {
    readonly resource: {
      readonly entities: readonly {
        readonly cloudFormationType: string;
        readonly properties: Readonly<
          Record<string, { readonly causesReplacement?: "yes" | "no" | "maybe" }>
        >;
      }[];
    };
  };
};

/** What CloudFormation's own registry says of a type's properties, by name: whether a change replaces the resource. */
export type TypeSchema = ReadonlyMap<string, boolean>;

/** The registry's schemas by type, from the copy by which the CDK's command line shows differences. */
export function typeSchemas(): ReadonlyMap<string, TypeSchema> {
  const file = new URL("../../../node_modules/aws-cdk/db.json.gz", import.meta.url);
  const { schema } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Schema;
  return new Map(
    schema.resource.entities.map(({ cloudFormationType, properties }) => [
      cloudFormationType,
      new Map(
        Object.entries(properties).map(([name, { causesReplacement }]) => [
          name,
          causesReplacement === "yes",
        ]),
      ),
    ]),
  );
}
