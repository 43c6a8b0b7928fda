// node validate.mjs FILE: objects as a JSON list; says which do not fit the schema of their custom resource.
import { readFileSync } from 'node:fs';

const PACKAGES = { 'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator', 'keda.sh/v1alpha1': '@kubernetes-models/keda' };
let wrong = 0;
for (const object of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  try {
    const found = await import(`${PACKAGES[object.apiVersion]}/${object.apiVersion}`);
    new found[object.kind](object).validate();
  } catch (error) {
    wrong += 1;
    console.log(`${object.kind} ${object.metadata?.name}: ${error.message}`);
  }
}
process.exit(wrong ? 1 : 0);
