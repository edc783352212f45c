// Loaded into what npm or start.mjs starts and keeps a port: it stops once that is gone, however it went.
const { readFileSync } = require('node:fs')

const everyMs = 500
const atStart = ancestors()
const timer = setInterval(() => {
  if (ancestors().join() === atStart.join()) return
  clearInterval(timer)
  for (const pid of atStart.slice(0, -1)) stop(pid)
  stop(process.pid)
}, everyMs)
timer.unref()

// What is told to stop may outlive its parent while it does: a second signal would cut it short.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    clearInterval(timer)
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal) // as without this listener
  })
}

/** This process's parent, and the parents of that while it is a shell in which npm runs a script, or a `node --watch`. */
function ancestors() {
  const pids = [process.ppid]
  try {
    while (isBetween(pids.at(-1))) pids.push(parentOf(pids.at(-1)))
  } catch {
    // Without /proc it is the parent alone: elsewhere than on Linux, a shell becomes what it runs.
  }
  return pids
}

function isBetween(pid) {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  return command[1] === '-c' || command.includes('--watch')
}

function parentOf(pid) {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])
}

function stop(pid) {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error // it is gone, too
  }
}
