// Draws the land of Europe once, as paths, for the map of the site: no tile and no other host is needed to show it.
//
// Natural Earth's countries at 1:50 million (public domain, npm's world-atlas) in the equal-area projection that European
// statistics use (EPSG:3035: centre 52° N, 10° E). Writes components/europe.json with paths, and the scale and offset
// that put a city of known latitude and longitude on them.
import { geoAzimuthalEqualArea, geoPath } from 'd3-geo';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { feature } from 'topojson-client';

const WIDTH = 760;
const HEIGHT = 700;
// Corners that have to be seen: Iceland, Portugal, Israel, the north of Norway, the east of Turkey.
const SEEN = { type: 'MultiPoint', coordinates: [[-24, 65], [-11, 36.5], [35.5, 29], [31, 71], [41, 40]] };

const here = dirname(fileURLToPath(import.meta.url));
const atlas = JSON.parse(readFileSync(join(here, '..', 'node_modules/world-atlas/countries-50m.json'), 'utf8'));
const projection = geoAzimuthalEqualArea().rotate([-10, -52]).fitSize([WIDTH, HEIGHT], SEEN).clipExtent([[0, 0], [WIDTH, HEIGHT]]);
const path = geoPath(projection).digits(1);
const countries = feature(atlas, atlas.objects.countries)
	.features.map((country) => path(country))
	.filter(Boolean);
const [left, top] = projection.translate();
const drawn = { width: WIDTH, height: HEIGHT, scale: projection.scale(), left, top, countries };
writeFileSync(join(here, '..', 'components/europe.json'), `${JSON.stringify(drawn)}\n`);
