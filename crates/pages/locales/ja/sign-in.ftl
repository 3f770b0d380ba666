# サインイン、アカウント作成、コード、パスワード。
sign-in-title = サインイン
sign-in-lead = ようこそ。まずメールアドレスを入力してください。
sign-in-lead-application = サインインして { $application } に進みます
sign-in-passkey = パスキーでサインイン
sign-in-provider = { $provider } で続ける
sign-in-no-account = はじめてご利用ですか？
sign-in-sign-up = アカウントを作成

password-title = パスワードを入力
password-forgot = パスワードをお忘れですか？

second-factor-title = 本人確認
second-factor-code = 認証アプリのコード
second-factor-code-hint = 30 秒ごとに変わる 6 桁の数字です
second-factor-recovery = リカバリーコード
second-factor-recovery-hint = 設定時に控えたコードのうちの 1 つを入力してください。各コードは 1 回だけ使えます。
second-factor-use-recovery = リカバリーコードを使う
second-factor-use-authenticator = 認証アプリを使う

choose-title = アカウントを選択
choose-another = 別のアカウントを使う

expired-title = 新しいパスワードを設定
expired-lead = 使用されたパスワードは仮のものか、有効期限が切れています。今後は新しいパスワードでサインインしてください。
expired-save = 保存してサインイン

sign-up-title = アカウントを作成
sign-up-lead = 1 つのアカウントで { $organization } のすべてをご利用いただけます。
sign-up-create = アカウントを作成
sign-up-have-account = すでにアカウントをお持ちですか？

invitation-title = 招待を承諾
invitation-heading = { $organization } へようこそ
invitation-lead = { $email } のアカウントが用意されています。お名前を入力し、パスワードを設定してください。
invitation-accept = 承諾してサインイン

forgot-title = パスワードの再設定
forgot-lead = メールアドレスを入力してください。アカウントがある場合は、コードをお送りします。
forgot-send = コードを送信

code-title = メールをご確認ください
code-lead-sign-up = { $email } に 8 桁のコードを送信しました。ご本人のアドレスであることを確認するため、コードを入力してください。
code-lead-reset = { $email } のアカウントがある場合は、8 桁のコードが届きます。
code-field = 8 桁のコード
code-missing = 届かない場合は、迷惑メールフォルダーをご確認いただくか、
code-resend = コードを再送信してください

new-password-title = 新しいパスワードを設定
new-password-lead = { $email } のパスワードです。ほかのデバイスからはすべてサインアウトされます。
