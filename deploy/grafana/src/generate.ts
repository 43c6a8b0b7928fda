// node out/generate.js FOLDER: writes the dashboards there, one file each.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { overview, pipeline, provider, senders } from './boards';

for (const builder of [overview(), provider(), senders(), pipeline()]) {
  const made = builder.build();
  writeFileSync(join(process.argv[2], `${made.uid}.json`), `${JSON.stringify(made, null, 2)}\n`);
}
