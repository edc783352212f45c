import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
export const patches = join(root, 'docs/course/patches')
export const start = 'course-start'

/** What each patch is for, and what turns red. */
export const expected = JSON.parse(readFileSync(join(patches, 'expected.json'), 'utf8'))

/** Throws what git says. */
export function git(folder, ...args) {
  const identity = ['user.name=course', 'user.email=course@localhost', 'commit.gpgsign=false', 'core.autocrlf=false']
  try {
    return execFileSync('git', [...identity.flatMap((it) => ['-c', it]), ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error('git is needed, and was not found', { cause: error })
    throw new Error(String(error.stderr).trim().split('\n')[0], { cause: error })
  }
}

/** Copies the files that git knows here, as they are now, and links the packages: nothing is downloaded. */
export function makeCopy(folder) {
  let files
  try {
    files = git(root, 'ls-files', '-z').split('\0')
  } catch (error) {
    throw new Error(`${error.message}. The course needs a clone of the repository, made by git`, { cause: error })
  }
  for (const file of files) {
    const from = join(root, file)
    if (file === '' || !existsSync(from) || !statSync(from).isFile()) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(from, join(folder, file))
  }
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const place of ['.', ...workspaces]) linkPackages(join(root, place), join(folder, place))
  link(join(folder, 'chassis'), join(folder, 'node_modules/@tandem/chassis'))
  git(folder, 'init', '--quiet')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--no-verify', '--message', 'The repository as it was')
  git(folder, 'tag', start)
}

/** All but those of the repository itself, which the copy has. */
function linkPackages(from, to) {
  if (!existsSync(join(from, 'node_modules'))) return
  mkdirSync(join(to, 'node_modules'), { recursive: true })
  for (const name of readdirSync(join(from, 'node_modules'))) {
    if (name === '@tandem' || name.startsWith('.vite') || name === '.cache') continue
    link(join(from, 'node_modules', name), join(to, 'node_modules', name))
  }
}

/** A junction, because Windows lets only administrators make symbolic links. */
function link(target, path) {
  mkdirSync(dirname(path), { recursive: true })
  if (statSync(target).isDirectory()) symlinkSync(target, path, 'junction')
  else copyFileSync(target, path)
}

/** The lines of `git status` that name the student's own changes. */
export function changesIn(folder) {
  return git(folder, 'status', '--porcelain').split('\n').filter(Boolean)
}

/** Takes back everything, also what the services stored: a patch may change their tables. */
export function restore(folder) {
  git(folder, 'reset', '--quiet', '--hard', start)
  git(folder, 'clean', '--quiet', '--force', '-d')
  rmSync(join(folder, 'data'), { recursive: true, force: true })
}

/** Applies the patch, and makes it a commit, so that `git diff` shows only what the student changes. */
export function breakBy(folder, { patch }) {
  git(folder, 'apply', join(patches, patch))
  git(folder, 'commit', '--quiet', '--no-verify', '--all', '--message', `Apply ${basename(patch, '.patch')}`)
}
