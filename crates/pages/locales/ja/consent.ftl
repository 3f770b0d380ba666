# 同意、デバイス、サインアウト、デモのメール。
consent-title = { $application } を許可しますか？
consent-heading = { $application } がアカウントの使用を求めています
consent-publisher = 提供元: { $publisher }
consent-switch = アカウントを切り替える
consent-asks = 許可すると、このアプリケーションは次のことができます
consent-new = 新たに、次のことができるようになります
consent-agreed = すでに許可している内容
consent-next = このあと { $destination } に戻ります。
consent-later = 許可は、アカウントの「接続済みアプリケーション」からいつでも取り消せます。

scope-openid = 再訪問時にあなたを認識する
scope-profile = 名前とアカウントの種類を見る
scope-email = メールアドレスを見る
scope-address = 国を見る
scope-offline-access = あなたがいない間も接続を保つ
scope-full-profile = プロフィール全体（名前、メールアドレス、国、言語）を見る
scope-linked-services = アカウントに連携しているサービスを見る
scope-organizations = 所属する組織とグループを見る
scope-products = 利用できる製品を見る
scope-roles = 組織での役割を見る
scope-job-function = 職務を見る
scope-owner-organization = アカウントが属する組織を見る
scope-additional = プロフィールのその他の情報を見る
scope-session = このブラウザーでサインインしていることを知る
scope-reauthenticated = ご本人であることの確認を求める
scope-service = あなたに代わって { $service } を使う
scope-other = あなたに代わって権限「{ $scope }」を使う

device-title = デバイスを接続
device-lead = デバイスに表示されているコードを入力してください。
device-code = デバイスのコード
device-warning = ご自身で始めた場合にのみ続けてください。ほかの人から送られたコードは絶対に入力しないでください。
device-confirm-title = デバイスの確認
device-confirm-heading = デバイスで { $application } を接続しますか？
device-compare = デバイスに表示されているコードは、これとまったく同じですか？
device-refuse = 自分のデバイスではない
device-done-title = デバイスを接続しました
device-done = { $application } は自動的に続行します。このウィンドウは閉じてかまいません。
device-refused-title = 接続していません
device-refused = { $application } にはアクセスを許可していません。このウィンドウは閉じてかまいません。

sign-out-title = サインアウト
sign-out-heading = サインアウトしますか？
sign-out-lead = このブラウザーと、このブラウザーで開いたアプリケーションからサインアウトします。
sign-out-lead-application = { $application } が、このブラウザーと、このブラウザーで開いたアプリケーションからのサインアウトを求めています。
sign-out-stay = サインインしたままにする
signed-out-title = サインアウトしました
signed-out-lead = 共有のコンピューターでは、ブラウザーも閉じてください。
signed-out-told = 次のアプリケーションに通知しています
signed-out-go-on = { $application } に戻る
signed-out-again = もう一度サインイン

form-post-title = まもなく完了します
form-post-lead = { $application } に移動しています。画面が切り替わらない場合は「次へ」を押してください。

mail-title = メール
mail-lead = このデモでは、メールは送信されずここに保管されます。
mail-none = メールはまだありません。
mail-to = 宛先: { $to }
mail-back = メール一覧
