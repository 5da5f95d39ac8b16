type Versions = Readonly<Record<string, string>>;

interface ApplicationManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly type: string;
  readonly engines: Versions;
  readonly dependencies: Versions;
}

export declare const entries: readonly string[];

export declare function libraryManifest(application: ApplicationManifest): {
  readonly dependencies: Versions;
  readonly peerDependencies: Versions;
};
