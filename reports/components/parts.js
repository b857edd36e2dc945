// Parts of the release that a page asks for when a reader does: each is asked for once.
import { addBasePath } from '@evidence-dev/sdk/utils/svelte';

const asked = new Map();

/** Rows of a part by its path below parts/, as objects. */
export function part(path) {
	if (!asked.has(path)) asked.set(path, load(path).catch((error) => (asked.delete(path), Promise.reject(error))));
	return asked.get(path);
}

async function load(path) {
	const response = await fetch(addBasePath(`/parts/${path}.json`));
	if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
	const { columns, rows } = await response.json();
	return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
}
