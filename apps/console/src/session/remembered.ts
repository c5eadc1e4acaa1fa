/** Whether somebody was logged in on this browser when a page was last left. */
const key = 'keyturn.session';

/** undefined where the browser keeps nothing for us: then only the server knows. */
export function wasLoggedIn(): boolean | undefined {
  try {
    return localStorage.getItem(key) === 'open';
  } catch {
    return undefined; // Storage is closed to us.
  }
}

export function rememberLogIn(open: boolean): void {
  try {
    if (open) localStorage.setItem(key, 'open');
    else localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing: the server is asked at every start.
  }
}
