// Takes the place of @evidence-dev/universal-sql/src/client-duckdb/browser.js (see apply.mjs): the engine starts with the
// first query that was not answered when the site was built, and reads only the tables that a query names.
import { AsyncDuckDB, VoidLogger, getPlatformFeatures } from '@duckdb/duckdb-wasm';
import { arrowTableToJSON } from './both.js';

export { tableFromIPC } from 'apache-arrow';
export { arrowTableToJSON };

/** Tables by the name of their file: where they are, and a promise once they are on their way. */
const tables = new Map();
let schemas = [];
let engine;

export async function initDB() {}

export async function emptyDbFs() {}

/** @param {string[]} names */
export async function updateSearchPath(names) {
	schemas = names;
}

/**
 * @param {Record<string, string[]>} urls addresses of the tables of each source
 * @param {{ addBasePath?: (path: string) => string }} [options]
 */
export async function setParquetURLs(urls, { addBasePath = (path) => path } = {}) {
	for (const [schema, paths] of Object.entries(urls)) {
		for (const path of paths) {
			const name = path.split(/[\\/]/).at(-1).replace(/\.parquet$/, '');
			const address = path.startsWith('/') ? path : `/${path}`;
			tables.set(name, { schema, name, url: addBasePath(address.replace(/^\/static/, '')) });
		}
	}
}

/**
 * @param {string} sql
 * @returns {Promise<Record<string, unknown>[]>}
 */
export async function query(sql) {
	engine ??= start();
	const connection = await engine;
	const named = [...tables.values()].filter(({ name }) => sql.includes(name));
	await Promise.all(named.map((table) => (table.loaded ??= load(connection, table))));
	return arrowTableToJSON(await connection.query(sql));
}

async function start() {
	const { wasmExceptions } = await getPlatformFeatures();
	const [module, worker] = wasmExceptions
		? await Promise.all([
				import('@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url'),
				import('@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?worker')
			])
		: await Promise.all([
				import('@duckdb/duckdb-wasm/dist/duckdb-mvp.wasm?url'),
				import('@duckdb/duckdb-wasm/dist/duckdb-browser-mvp.worker.js?worker')
			]);
	const db = new AsyncDuckDB(new VoidLogger(), new worker.default());
	await db.instantiate(module.default);
	await db.open({
		query: {
			castBigIntToDouble: true,
			castTimestampToDate: true,
			castDecimalToDouble: true,
			castDurationToTime64: true
		}
	});
	const connection = await db.connect();
	for (const schema of schemas) await connection.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
	await connection.query(`PRAGMA search_path='${schemas.join(',')}'`);
	return connection;
}

async function load(connection, { schema, name, url }) {
	const response = await fetch(url);
	if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
	const stream = response.body.pipeThrough(new DecompressionStream('gzip'));
	const content = new Uint8Array(await new Response(stream).arrayBuffer());
	await connection.insertArrowFromIPCStream(content, { schema, name, create: true });
}
