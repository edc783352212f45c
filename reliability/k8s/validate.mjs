// Validates the objects of stdin, a JSON array, by the validators of kubernetes-models, which are ECMAScript modules, and
// prints the faults as a JSON array.
import { readFileSync } from 'node:fs'

const faults = []
for (const object of JSON.parse(readFileSync(0, 'utf8'))) {
  const { apiVersion, kind, metadata } = object
  // As the API, which ignores line breaks in base64.
  if (kind === 'Secret')
    for (const key of Object.keys(object.data)) object.data[key] = object.data[key].replace(/\n/g, '')
  const models = apiVersion.startsWith('gateway.networking') ? '@kubernetes-models/gateway-api' : 'kubernetes-models'
  try {
    const { [kind]: Model } = await import(`${models}/${apiVersion}/${kind}`)
    new Model(object).validate()
  } catch (error) {
    faults.push(`${kind} ${metadata.name}: ${error.message.replaceAll('\n', ' ')}`)
  }
}
console.log(JSON.stringify(faults))
