/** Goes on with a request. */
type GoOn = () => void;

/**
 * A hook that holds each request until all that came in the same turn of the event loop have been
 * read, and then lets them go on, in the order of their coming. To read a request and to carry it
 * out are much code each; a processor that does the one and the other by turns forgets the one over
 * the other. Nobody waits longer for it than the reading of the others takes.
 */
export function goOnTogether(): (request: unknown, reply: unknown, goOn: GoOn) => void {
  let held: GoOn[] = [];

  function release(): void {
    const all = held;
    held = [];
    for (const goOn of all) goOn();
  }

  return (_request, _reply, goOn) => {
    held.push(goOn);
    if (held.length === 1) setImmediate(release);
  };
}
