// The first Trubrics platform: a Firebase project with accounts, whose state Google's own client writes and reads.
import { deleteApp, initializeApp } from 'firebase/app';
import { connectAuthEmulator, createUserWithEmailAndPassword, getAuth } from 'firebase/auth';
import { connectFirestoreEmulator, doc, getFirestore, writeBatch } from 'firebase/firestore/lite';
import { trubricsPlatform } from 'opentelemetry-exporter-trubrics';
import { startAuthEmulator } from './auth-emulator.mjs';
import { startFirestore } from './firestore.mjs';

const PROJECT_ID = 'demo-trubrics';
const WEB_KEY = 'any';

export async function startPlatform() {
  const auth = await startAuthEmulator(PROJECT_ID);
  const firestore = await startFirestore(auth);
  const app = initializeApp({ projectId: PROJECT_ID, apiKey: WEB_KEY });
  const google = { auth: getAuth(app), db: getFirestore(app) };
  connectAuthEmulator(google.auth, auth.url, { disableWarnings: true });
  connectFirestoreEmulator(google.db, '127.0.0.1', firestore.port);
  let accounts = 0;

  return {
    auth,
    firestore,
    google,
    /** Creates an account and signs Google's client in as it. */
    async signUp() {
      const account = { email: `ada-${++accounts}@example.com`, password: 'correct horse' };
      const { user } = await createUserWithEmailAndPassword(google.auth, account.email, account.password);
      return { ...account, uid: user.uid };
    },
    /** Creates the organisation of an account and returns its reference. Every project has the feedback component "default". */
    async addOrganisation({ email, uid }, { id = uid, projects = ['default'], archived = [] } = {}) {
      const organisation = doc(google.db, 'organisations', id);
      const batch = writeBatch(google.db);
      batch.set(organisation, { users: ['babbage@example.com', email] });
      for (const project of [...projects, ...archived]) {
        batch.set(doc(organisation, 'projects', project), { archived: archived.includes(project) });
        batch.set(doc(organisation, 'projects', project, 'feedback', 'default'), { archived: false });
      }
      await batch.commit();
      return organisation;
    },
    destination: ({ email, password }, options) =>
      trubricsPlatform({
        email,
        password,
        firebaseApiKey: WEB_KEY,
        firebaseProjectId: PROJECT_ID,
        endpoints: { identity: auth.identity, token: auth.token, firestore: firestore.url },
        ...options,
      }),
    async close() {
      await deleteApp(app);
      await firestore.close();
      await auth.close();
    },
  };
}
