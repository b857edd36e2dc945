// Takes the place of @evidence-dev/universal-sql/src/build-parquet.js (see apply.mjs): writes the result of a source query
// as one compressed Arrow stream under the name that Evidence expects. Tables without rows and columns without values
// keep the types that the query describes.
import { Bool, Dictionary, Float64, Int32, Table, TimestampMillisecond, Utf8, tableToIPC, vectorFromArray } from 'apache-arrow';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = {
	number: () => new Float64(),
	string: () => new Dictionary(new Utf8(), new Int32()),
	date: () => new TimestampMillisecond(),
	boolean: () => new Bool()
};

/**
 * @param {{name: string, evidenceType: string}[]} columns
 * @param {any} data rows, batches of rows, or a generator of them
 * @param {string} _tmpDir not needed
 * @param {string} outDir
 * @param {string} outputFilename
 * @returns {Promise<number>} Number of rows
 */
export async function buildMultipartParquet(columns, data, _tmpDir, outDir, outputFilename) {
	const rows = [];
	for await (const batch of await (typeof data === 'function' ? data() : data)) {
		for (const row of Array.isArray(batch) ? batch : [batch]) rows.push(row);
	}
	const vectors = columns.map(({ name, evidenceType }) => {
		const values = rows.map((row) => row[name] ?? null);
		// A stream has no dictionary of a column without values, and its reader would wait for one.
		const type = evidenceType === 'string' && values.every((value) => value === null) ? () => new Utf8() : TYPES[evidenceType];
		if (!type) throw new Error(`Column ${name} has the type ${evidenceType}, which a site cannot show.`);
		return [name, vectorFromArray(values, type())];
	});
	const table = new Table(Object.fromEntries(vectors));
	await mkdir(outDir, { recursive: true });
	const path = join(outDir, outputFilename);
	await writeFile(`${path}.tmp`, gzipSync(tableToIPC(table, 'stream'), { level: 9 }));
	await rename(`${path}.tmp`, path);
	return rows.length;
}
