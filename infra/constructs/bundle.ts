import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CfnResource } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { Construct } from "constructs";
import { type BuiltFile, buildHandler } from "./build-handler.ts";

export type BundleProps = {
  /** Absolute path of the module that exports `handler`. */
  readonly entry: string;
  /** Paths inside the bundle are relative to this folder, so that every machine makes the same bytes. */
  readonly root: string;
  /** Absolute path of the module that exports `app`. @default the shipped samples */
  readonly pipelines?: string | undefined;
  /** What was built of the entry. @default it is built */
  readonly files?: readonly BuiltFile[] | undefined;
};

/** One handler with all that it imports, built once however many functions run it. */
export class Bundle extends Construct {
  readonly code: lambda.Code;
  /** 16 hexadecimal digits, the same for the same bytes; commits are marked with it. */
  readonly version: string;

  constructor(scope: Construct, id: string, { entry, root, pipelines, files }: BundleProps) {
    super(scope, id);
    const folder = mkdtempSync(join(tmpdir(), "millrace-bundle-"));
    try {
      for (const { name, contents } of files ?? buildHandler(entry, root, { pipelines }))
        writeFileSync(join(folder, name), contents);
      // an asset is copied when it is made, so that the folder is not needed any longer
      const asset = new Asset(this, "Code", { path: folder });
      this.code = new SharedCode(asset);
      this.version = asset.assetHash.slice(0, 16);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** Code that belongs to no single function. CDK's own `AssetCode` hangs its asset below the first that uses it. */
class SharedCode extends lambda.Code {
  readonly isInline = false;
  readonly #asset: Asset;

  constructor(asset: Asset) {
    super();
    this.#asset = asset;
  }

  override bind(): lambda.CodeConfig {
    const { s3BucketName: bucketName, s3ObjectKey: objectKey } = this.#asset;
    return { s3Location: { bucketName, objectKey } };
  }

  /** Tells `cdk watch` which functions an asset is for. */
  override bindToResource(resource: CfnResource): void {
    this.#asset.addResourceMetadata(resource, "Code");
  }
}
