import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { Construct } from "constructs";
import { type BuildOptions, buildSync } from "esbuild";

export type BundleProps = {
  /** Absolute path of the module that exports `handler`. */
  readonly entry: string;
  /** Paths inside the bundle are relative to this folder, so that every machine makes the same bytes. */
  readonly root: string;
};

/**
 * One handler with all that it imports, built once however many functions run it. The AWS SDK is part of it: the
 * runtime's own copy changes without notice, and what was tested is what runs.
 */
export class Bundle extends Construct {
  readonly code: lambda.Code;
  /** The same for the same bytes; commits are marked with it. */
  readonly version: string;
  /** Size of the module, without its source map. */
  readonly bytes: number;

  constructor(scope: Construct, id: string, { entry, root }: BundleProps) {
    super(scope, id);
    const folder = mkdtempSync(join(tmpdir(), "millrace-bundle-"));
    try {
      const { outputFiles } = buildSync({ ...BUILD, entryPoints: [entry], absWorkingDir: root });
      for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
      this.bytes = outputFiles.find(({ path }) => path.endsWith(".mjs"))?.contents.length ?? 0;
      // an asset is copied when it is made, so that the folder is not needed any longer
      const asset = new Asset(this, "Code", { path: folder });
      this.code = lambda.Code.fromBucketV2(asset.bucket, asset.s3ObjectKey);
      this.version = asset.assetHash.slice(0, 16);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** How every handler is built; what measures bundles uses the same options. */
export const BUILD: BuildOptions & { readonly write: false } = {
  bundle: true,
  write: false,
  outfile: "bundle/index.mjs",
  format: "esm",
  platform: "node",
  target: "node24",
  // the ES modules of a package where it has them: only those can be shaken
  mainFields: ["module", "main"],
  minify: true,
  // names for stack traces, without the sources: the map is read only when an error is thrown
  sourcemap: "linked",
  sourcesContent: false,
  // where a laptop or a container finds its credentials, 108 KB: a Lambda has them in its environment, which the
  // SDK tries first, so that these imports are never reached
  external: [
    "@aws-sdk/credential-provider-http",
    "@aws-sdk/credential-provider-ini",
    "@aws-sdk/credential-provider-process",
    "@aws-sdk/credential-provider-sso",
    "@aws-sdk/credential-provider-web-identity",
    "@smithy/credential-provider-imds",
  ],
  legalComments: "none",
  logLevel: "warning",
  // CommonJS packages inside an ES module still call require for Node's own modules
  banner: {
    js: 'import{createRequire as __requireFrom}from"node:module";const require=__requireFrom(import.meta.url);',
  },
};
