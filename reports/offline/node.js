// Takes the place of @evidence-dev/universal-sql/src/client-duckdb/node.js (see apply.mjs): the engine that answers the
// queries of the pages while the site is built, over tables as write-arrow.js writes them.
import { createDuckDB, NODE_RUNTIME, VoidLogger } from '@duckdb/duckdb-wasm/dist/duckdb-node-blocking';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cache_for_hash, get_arrow_if_sql_already_run } from '../cache-duckdb.js';
import { arrowTableToJSON } from './both.js';

export { tableFromIPC } from 'apache-arrow';
export { arrowTableToJSON };

const engines = dirname(createRequire(import.meta.url).resolve('@duckdb/duckdb-wasm'));
let started;
let connection;

export async function initDB() {
	started ??= start();
	await started;
}

export async function emptyDbFs() {}

/** @param {string[]} schemas */
export function updateSearchPath(schemas) {
	connection.query(`PRAGMA search_path='${schemas.join(',')}'`);
}

/** @param {Record<string, string[]>} urls files of the tables of each source */
export async function setParquetURLs(urls) {
	for (const [schema, files] of Object.entries(urls)) {
		connection.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
		for (const file of files) {
			const name = file.split(/[\\/]/).at(-1).replace(/\.parquet$/, '');
			connection.query(`DROP TABLE IF EXISTS "${schema}"."${name}"`);
			connection.insertArrowFromIPCStream(gunzipSync(readFileSync(file)), { schema, name, create: true });
		}
	}
}

/**
 * @param {string} sql
 * @param {Parameters<typeof cache_for_hash>[2]} [cacheOptions]
 * @returns {Record<string, unknown>[]}
 */
export function query(sql, cacheOptions) {
	const known = cacheOptions?.prerendering ? get_arrow_if_sql_already_run(sql) : null;
	const result = known ?? connection.query(sql);
	if (cacheOptions) cache_for_hash(sql, result, cacheOptions);
	return arrowTableToJSON(result);
}

async function start() {
	const bundle = (kind) => ({
		mainModule: join(engines, `duckdb-${kind}.wasm`),
		mainWorker: join(engines, `duckdb-node-${kind}.worker.cjs`)
	});
	const db = await createDuckDB({ mvp: bundle('mvp'), eh: bundle('eh') }, new VoidLogger(), NODE_RUNTIME);
	await db.instantiate();
	db.open({
		query: {
			castBigIntToDouble: true,
			castTimestampToDate: true,
			castDecimalToDouble: true,
			castDurationToTime64: true
		}
	});
	connection = db.connect();
}
