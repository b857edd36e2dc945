// Lets the site be built and read without any other host. Runs after each install of the npm packages and before each build.
//
// DuckDB-wasm, which answers Evidence's queries in node and in a reader's browser, downloads its Parquet extension from
// its makers at first use. So tables are kept as compressed Arrow streams, which it reads by itself: three modules of
// Evidence's are replaced by those beside this file. What is there instead of a known original stops the install.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@evidence-dev/universal-sql';
// Ours, what it takes the place of, and the SHA-256 of that in version 3.0.1.
const REPLACED = [
	['write-arrow.js', 'src/build-parquet.js', '7376c2878449348d9f3a26f16446fc24e391545714a6be3764634fc10f9d64de'],
	['node.js', 'src/client-duckdb/node.js', 'b1bbf1f5ae190acefe0f3ceb70d404b7798643523cc20cc4f4d5e24fbaffb471'],
	['browser.js', 'src/client-duckdb/browser.js', 'ea0c7f043bac9582e8c933764c386972c1e57fc78ee05c077370a9a0d8b012c6']
];

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'node_modules', PACKAGE);
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

for (const [ours, theirs, original] of REPLACED) {
	const path = join(target, theirs);
	const kept = `${path}.original`;
	if (sha256(existsSync(kept) ? kept : path) !== original) {
		const { version } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
		console.error(
			`${PACKAGE} ${version}: ${theirs} is not the file that offline/${ours} takes the place of.\n` +
				'Install the versions of package-lock.json with `npm ci`, or bring offline/ up to the new version.'
		);
		process.exit(1);
	}
	if (!existsSync(kept)) copyFileSync(path, kept);
	copyFileSync(join(here, ours), path);
}

// Pages of Evidence's own for those who write a site. A published site does not link them, and they bring along every
// component of Evidence's: without them a page weighs a third of a megabyte instead of eight.
for (const page of ['explore', 'settings']) {
	rmSync(join(here, '..', 'node_modules/@evidence-dev/evidence/template/src/pages', page), { recursive: true, force: true });
}
