/** Of the package: what it says on the wire is its API (CHANGELOG.md). */
export const apiVersion = '0.1.0';
