// What `tollgate demo --json` wrote, named by TOLLGATE_DEMO_JSON.
import { readFileSync } from 'node:fs';

const file = process.env.TOLLGATE_DEMO_JSON;
if (!file) throw new Error('set TOLLGATE_DEMO_JSON to the file that `tollgate demo --json FILE` wrote');

export const demo = JSON.parse(readFileSync(file, 'utf8'));
