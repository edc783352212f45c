/**
 * Pins what is fetched by name: base images by digest, and actions by commit. Everything is looked up first; if something is
 * not found, nothing is written.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { URLSearchParams } from 'node:url'
import { readArguments, refuse } from './read-arguments.mjs'

const usage = `Usage: npm run pin -- [--only images|actions] [--registry URL] [--github URL]

Writes the digest that each image's tag has now into the Dockerfiles, the Compose files and the manifests, and the commit
that each action's tag has now into the workflows. Run it again to move on to what the tags name then.

  --only WHAT     only images, or only actions
  --registry URL  where images without a host are looked up (https://registry-1.docker.io)
  --github URL    where the repositories of actions are (https://github.com)`

const { values } = readArguments({
  name: 'pin',
  usage,
  options: {
    only: { type: 'string' },
    registry: { type: 'string', default: 'https://registry-1.docker.io' },
    github: { type: 'string', default: 'https://github.com' },
  },
})
const timeoutMs = 30_000

const kinds = {
  images: {
    files: ['*Dockerfile', '*compose*.yml', 'k8s/*.yaml'],
    // FROM NAME:TAG or image: NAME:TAG. An image that is built here has no tag.
    pattern: /^(\s*(?:FROM|(?:- )?image:) +)([\w./-]+(?::\d+\/[\w./-]+)?:[\w.-]+)(?:@sha256:\w+)?()/gm,
    lookUp: digestOf,
    write: (tagged, digest) => `${tagged}@${digest}`,
  },
  actions: {
    files: ['.github/workflows/*.yml'],
    pattern: /^(\s*(?:- )?uses: +)([\w.-]+\/[\w./-]+@)(?:[0-9a-f]{40} # )?([\w.-]+)/gm,
    lookUp: commitOf,
    write: (tagged, commit) => tagged.replace(/@(.*)$/, `@${commit} # $1`),
  },
}

async function main() {
  if (values.only !== undefined && !Object.hasOwn(kinds, values.only)) refuse('pin', '--only must be images or actions')
  const chosen = values.only === undefined ? Object.values(kinds) : [kinds[values.only]]
  const texts = new Map()
  for (const { files, pattern, lookUp, write } of chosen) {
    const found = new Map()
    for (const file of execFileSync('git', ['ls-files', ...files], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)) {
      const text = texts.get(file) ?? readFileSync(file, 'utf8')
      for (const [, , name, tag] of text.matchAll(pattern)) {
        const tagged = name + tag
        if (!found.has(tagged)) found.set(tagged, await lookUp(tagged))
      }
      texts.set(
        file,
        text.replace(pattern, (_, before, name, tag) => before + write(name + tag, found.get(name + tag))),
      )
    }
    for (const [tagged, id] of found) console.log(`${tagged} is ${id}`)
  }
  for (const [file, text] of texts) writeFileSync(file, text)
}

/** As the registry's API has it: https://distribution.github.io/distribution/spec/api/. */
async function digestOf(image) {
  const [, host, name, tag] = /^(?:([^/]*[.:][^/]*)\/)?(.+):([^:]+)$/.exec(image)
  const scheme = /^(localhost|127\.)/.test(host) ? 'http' : 'https' // as Docker has it
  const registry = host === undefined ? values.registry : `${scheme}://${host}`
  const path = host !== undefined || name.includes('/') ? name : `library/${name}`
  const url = `${registry}/v2/${path}/manifests/${tag}`
  let response = await head(url)
  if (response.status === 401) response = await head(url, await tokenFor(response.headers.get('www-authenticate')))
  const digest = response.headers.get('docker-content-digest') ?? ''
  if (response.ok && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest
  throw new Error(`no digest of ${image}: the registry returned ${response.status}`)
}

function head(url, token) {
  const headers = {
    // An index covers all platforms.
    accept: 'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return fetch(url, { method: 'HEAD', headers, signal: AbortSignal.timeout(timeoutMs) })
}

/** Registries give anybody a token to read what is public. */
async function tokenFor(challenge) {
  const { realm, ...query } = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map((it) => it.slice(1)))
  const response = await fetch(`${realm}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(timeoutMs) })
  return (await response.json()).token
}

function commitOf(action) {
  const [, owner, repository, tag] = /^([^/@]+)\/([^/@]+)[^@]*@(.+)$/.exec(action)
  const refs = [`refs/tags/${tag}^{}`, `refs/tags/${tag}`, `refs/heads/${tag}`]
  const command = ['ls-remote', `${values.github}/${owner}/${repository}`, ...refs]
  const lines = execFileSync('git', command, { encoding: 'utf8', timeout: timeoutMs })
  const commits = new Map(lines.split('\n').map((line) => line.split('\t').reverse()))
  const commit = refs.map((ref) => commits.get(ref)).find((it) => it !== undefined)
  if (commit === undefined) throw new Error(`no commit of ${action}: there is no such tag or branch`)
  return commit
}

main().catch((error) => {
  console.error(`pin: ${error.message}`)
  process.exitCode = 1
})
