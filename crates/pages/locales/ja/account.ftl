# アカウントのページ。
account-nav = アカウント
room-profile = プロフィール
room-password = パスワード
room-passkeys = パスキー
room-authenticator = 認証アプリ
room-recovery-codes = リカバリーコード
room-sessions = サインイン中のデバイス
room-applications = 接続済みアプリケーション
room-activity = アクティビティ

profile-lead = アプリケーションや同僚に表示される情報です。
profile-verified = 確認済み
profile-unverified = 未確認
profile-kind = アカウントの種類
account-kind-personal = 個人アカウント
account-kind-personal-hint = ご自身で作成し、管理しているアカウントです。
account-kind-enterprise = 組織アカウント
account-kind-enterprise-hint = 組織が作成し、管理しているアカウントです。
account-kind-federated = フェデレーションアカウント
account-kind-federated-hint = 組織のサインインを使用します。名前とパスワードは組織側で管理されています。

password-none = パスワードはまだ設定されていません。ここで設定できます。
password-set = ここでパスワードを変更できます。
password-changed = 最終変更日: { $date }
password-elsewhere = パスワードは組織が管理しています。組織側で変更してください。
password-others-end = このブラウザーではサインインしたままになります。ほかのセッションはすべて終了します。

passkeys-lead = 指紋、顔、セキュリティキーでサインインできます。覚える必要も、盗まれる心配もありません。
passkeys-add-title = パスキーを追加
passkeys-need-script = パスキーの追加には、JavaScript と、パスキーに対応したブラウザーが必要です。
passkeys-not-here = ここではパスキーを使えません。このサーバーのアドレスでは、ブラウザーがパスキーを保存しません。
passkeys-name = パスキーの名前
passkeys-name-hint = あとで見分けられる名前（例:「仕事用ノート PC」）
passkeys-add = パスキーを追加
passkeys-none = パスキーはまだありません。
passkeys-synced = 同期済み
passkeys-edit = 名前の変更または削除
passkeys-rename = 名前を変更

authenticator-lead = スマートフォンのアプリに表示されるコードを、パスワードのあとに入力します。
authenticator-off = 認証アプリはまだ設定されていません。
authenticator-start = 設定する
authenticator-on = 有効
authenticator-since = { $date }から
authenticator-remove-hint = 削除すると、組織がそれ以上を求めていない限り、パスワードだけでサインインできるようになります。
authenticator-scan = 認証アプリでこの画像を読み取ってください。
authenticator-qr = 認証アプリ用の QR コード
authenticator-open = このデバイスのアプリで開く
authenticator-type = 読み取れない場合は、次のキーをアプリに入力してください。
authenticator-code = アプリに今表示されているコード
authenticator-confirm = 確認

recovery-lead = スマートフォンをなくしたときのために。各コードは 1 回だけ、認証アプリの代わりに使えます。
recovery-fresh = 新しいコード
recovery-once = 今すぐ安全な場所に保管してください。表示されるのは今回限りです。
recovery-print = 印刷
recovery-left = { $count ->
    [0] 未使用のコードは残っていません。
   *[other] 未使用のコードは残り { $count } 個です。
  }
recovery-made = 作成日: { $date }
recovery-none = リカバリーコードはまだありません。
recovery-replace = 新しいコードを作成すると、以前のコードはすべて使えなくなります。
recovery-make = 新しいコードを作成

sessions-lead = アカウントにサインインしているブラウザーです。心当たりのないものは終了し、パスワードを変更してください。
sessions-current = このブラウザー
sessions-seen = 最終アクセス:
sessions-began = { $date }にサインイン
sessions-end-others = ほかのすべてからサインアウト

applications-lead = アカウントの使用を許可したアプリケーションです。
applications-none = アカウントを使用しているアプリケーションはありません。
applications-since = { $date }に接続
applications-may = 許可している内容
applications-revoke = 接続を解除

activity-lead = 最近のアカウントの動きです。心当たりのないものがあれば、パスワードを変更してください。
activity-none = まだ何もありません。
activity-older = 以前の記録

happening-of = { $happening }：{ $subject }
happening-account-created = アカウントを作成
happening-signed-in-password = パスワードでサインイン
happening-signed-in-passkey = パスキーでサインイン
happening-signed-in-federated = ほかのプロバイダーでサインイン
happening-second-factor-passed = 2 段階目の本人確認に成功
happening-sign-in-failed = サインインに失敗
happening-sign-in-throttled = 試行回数超過のためサインインを一時停止
happening-signed-out = サインアウト
happening-session-ended = セッションを終了
happening-email-verified = メールアドレスを確認
happening-profile-changed = プロフィールを変更
happening-password-changed = パスワードを変更
happening-password-reset = メールでパスワードを再設定
happening-code-sent = コードをメールで送信
happening-passkey-added = パスキーを追加
happening-passkey-removed = パスキーを削除
happening-authenticator-added = 認証アプリを設定
happening-authenticator-removed = 認証アプリを削除
happening-recovery-codes-made = 新しいリカバリーコードを作成
happening-recovery-code-used = リカバリーコードを使用
happening-consent-given = アプリケーションを接続
happening-consent-revoked = アプリケーションの接続を解除
happening-device-allowed = デバイスを接続
happening-provider-linked = ほかのプロバイダーと連携
happening-administrator-changed = 管理者による変更
