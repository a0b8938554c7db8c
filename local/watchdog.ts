import { spawn } from "node:child_process";
import { Socket } from "node:net";

/** Ends process groups when the process that started them disappears without a word (SIGKILL, crash). */
export interface Watchdog {
  /** Adds a process group to those that are ended. */
  watch(groupId: number): void;
  /** Takes out a group that has ended. */
  forget(groupId: number): void;
  /** Dismisses the watchdog: everything was stopped in order. */
  dismiss(): void;
}

// A shell, because it costs a megabyte and runs everywhere. It reads the group ids that it must end from its input;
// the input ends when the starter does, in whatever way. "done" says that nothing is left to end.
const SCRIPT = `
trap '' INT HUP
groups=" "
while read -r verb group; do
  case $verb in
    watch) groups="$groups$group " ;;
    forget) groups="\${groups%% $group *} \${groups#* $group }" ;;
    done) exit 0 ;;
  esac
done
signal_all() {
  found=1
  for group in $groups; do kill -s "$1" -- "-$group" 2>/dev/null && found=0; done
  return $found
}
signal_all TERM
for second in 1 2 3 4 5 6 7 8; do
  signal_all 0 || exit 0
  sleep 1
done
signal_all KILL
`;

/** Starts a watchdog in a session of its own, so that it outlives its starter by a few seconds. */
export function startWatchdog(): Watchdog {
  const child = spawn("/bin/sh", ["-c", SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const { stdin } = child;
  stdin.on("error", () => {
    // The watchdog was ended by somebody; the ordinary stop still works.
  });
  child.unref();
  if (stdin instanceof Socket) stdin.unref();
  const tell = (line: string): void => void stdin.write(`${line}\n`);
  return {
    watch: (groupId) => tell(`watch ${groupId}`),
    forget: (groupId) => tell(`forget ${groupId}`),
    dismiss: () => void stdin.end("done\n"),
  };
}
